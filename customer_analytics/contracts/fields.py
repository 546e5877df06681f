"""Kinds of column that several contracts share."""

from typing import Any

import pandera.pandas as pa

MAX_IDENTIFIER_LENGTH = 200


def identifier(description: str, *, unique: bool = False) -> Any:
    """An id: text of 1 to 200 visible characters; ``unique`` where it is the grain."""
    return pa.Field(
        unique=unique,
        str_length={"min_value": 1, "max_value": MAX_IDENTIFIER_LENGTH},
        visible_characters={"visible": True},
        description=description,
    )


def utc_timestamp(description: str, *, nullable: bool = False) -> Any:
    """A time to the microsecond; offsets are converted to UTC, and a time without one is UTC."""
    return pa.Field(nullable=nullable, dtype_kwargs={"unit": "us", "tz": "UTC"}, description=description)

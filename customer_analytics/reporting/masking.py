"""Showing values, or only their shape, so that they cannot do anything to a terminal."""

import unicodedata
from dataclasses import replace
from typing import TypeVar

from customer_analytics.contracts.checks import INVISIBLE_CATEGORIES

Record = TypeVar("Record")

_SHAPES = {"Lu": "A", "Ll": "a", "Lt": "A", "Lm": "a", "Lo": "a", "Nd": "9", "Nl": "9", "No": "9"}


def visible(text: str) -> str:
    """The text with its control, direction and zero-width characters written out, like ``\\x1b``."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in INVISIBLE_CATEGORIES
        else character
        for character in text
    )


def mask(text: str) -> str:
    """The text with every letter as ``a`` or ``A`` and every digit as ``9``; what else there is stays to be seen."""
    return "".join(_SHAPES.get(unicodedata.category(character), character) for character in text)


def mask_all(record: Record, *fields: str) -> Record:
    """A dataclass with the texts in these fields, which map names to texts, masked."""
    masked = {
        field: values and {name: text and mask(text) for name, text in values.items()}
        for field in fields
        for values in [getattr(record, field)]
    }
    return replace(record, **masked)  # type: ignore[type-var]

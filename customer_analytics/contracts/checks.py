"""Checks that pandera lacks, registered so that a contract can name them.

Each has its SQL translation in ``quality/translations.py``; a check without one is refused when a contract is compiled.
"""

import unicodedata
from collections.abc import Sequence

import pandas as pd
from pandera import extensions

INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp"})


def is_visible(text: str) -> bool:
    """Whether the text has no control, zero-width, direction or line-separating characters (Unicode Cc, Cf, Zl, Zp)."""
    return not any(unicodedata.category(character) in INVISIBLE_CATEGORIES for character in text)


@extensions.register_check_method(statistics=["visible"])  # type: ignore[untyped-decorator]
def visible_characters(values: "pd.Series[str]", *, visible: bool) -> "pd.Series[bool]":
    """The text has only visible characters and spaces: what an id must be made of."""
    return values.map(is_visible) == visible


@extensions.register_check_method(statistics=["column", "status", "allowed"])  # type: ignore[untyped-decorator]
def negative_only_where(frame: pd.DataFrame, *, column: str, status: str, allowed: Sequence[str]) -> "pd.Series[bool]":
    """``column`` is below zero only in records whose ``status`` is one of ``allowed``."""
    return frame[column].isna() | (frame[column] >= 0) | frame[status].isin(list(allowed))


@extensions.register_check_method(statistics=["column", "earlier"])  # type: ignore[untyped-decorator]
def not_before(frame: pd.DataFrame, *, column: str, earlier: str) -> "pd.Series[bool]":
    """``column`` is null, or not before ``earlier``."""
    return frame[column].isna() | frame[earlier].isna() | (frame[column] >= frame[earlier])

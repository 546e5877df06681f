"""CSV that a spreadsheet opens as it is meant: no text in it is ever computed, and numbers stay numbers.

A text at which a cell could begin with a formula gets an apostrophe there: at its start, and after every comma,
semicolon, tab and line break, as a spreadsheet may cut lines there. It could begin with one where the first character
is ``= + - @``, one of their full-width forms, a tab or a line break, or where only blanks, quotes and invisible
characters come before it. A text that has an apostrophe there already gets another one, so ``as_written`` gives back
every text exactly. A text that is a plain number, ``-12.50`` say, stays as it is.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

_CELL_STARTS = r"(?:^|(?<=[,;\t\n])|(?<=\r)(?!\n))"
_CONTROLS = r"\u0000-\u0008\u000b\u000c\u000e-\u001f"
_BLANKS = r"\u0020\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2069\u3000\ufeff"
_IGNORED = rf"[\"{_CONTROLS}{_BLANKS}]*"
_COMPUTED = r"['=+\-@\t\r\n\uff07\uff0b\uff0d\uff1d\uff20\u2212]"
_DANGER = re.compile(rf"{_CELL_STARTS}(?={_IGNORED}{_COMPUTED})")
_MARK = re.compile(rf"{_CELL_STARTS}'(?={_IGNORED}{_COMPUTED})")
_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")

Cell = str | int | float | None


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could begin to compute."""
    return text if _NUMBER.fullmatch(text) else _DANGER.sub("'", text)


def as_written(text: str) -> str:
    """What ``harmless`` was given; a spreadsheet may have taken the first apostrophe away already."""
    return _MARK.sub("", text)


def spreadsheet_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file as in RFC 4180, in UTF-8 with a byte order mark, by which spreadsheets know it; texts are harmless."""
    written = StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")

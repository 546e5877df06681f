"""Texts that a spreadsheet could compute: each gets an apostrophe where it must, and comes back as it was."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customer_analytics.landing.spreadsheet import as_written, harmless, spreadsheet_csv

COMPUTED = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
PARTS = st.sampled_from([*COMPUTED, *"'\";, ab1,", "\u200b", "\ufeff", "\u3000", "\x00"])
TEXTS = st.lists(PARTS, max_size=8).map("".join) | st.text(max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1-1", "@SUM(A1)", "\t1", "\r1", "\n1", "\uff1d1+1", "\uff20A1", "\u22121"),
        *('"=1', " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u3000=1", "\x00=1", "'=1", "''"),
    ],
)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert as_written(harmless(text)) == text


def test_a_formula_after_what_cuts_lines_elsewhere_gets_one_too() -> None:
    assert harmless("a;=1") == "a;'=1"
    assert harmless("a, @b") == "a,' @b"
    assert harmless('a\n"=1') == "a\n'\"=1"


@pytest.mark.parametrize(
    "text", ["", "alice", "C-100", "a=b", "it's", "12.50", "-12.50", "-1", "a, b; c", "a\r\nb", "mail@example"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_numbers_stay_numbers() -> None:
    assert spreadsheet_csv(["n"], [[-12.5], [7], [None]]).decode("utf-8-sig") == '"n"\r\n-12.5\r\n7\r\n""\r\n'


@pytest.mark.parametrize("text", ["=1", " =1", "'tis", "=1;=2", "\t=1", "-1"])
def test_an_apostrophe_that_the_spreadsheet_took_away_makes_no_difference(text: str) -> None:
    assert as_written(harmless(text).removeprefix("'")) == text


@given(TEXTS)
@example("';'\t=")
@example("a\r'\n=1\r\n=2")
def test_every_text_comes_back(text: str) -> None:
    assert as_written(harmless(text)) == text


@given(TEXTS, st.sampled_from(",;\t"))
def test_no_spreadsheet_finds_a_formula_however_it_cuts_lines(text: str, separator: str) -> None:
    """The file as a spreadsheet cuts it that knows only quotes at the start of a cell, or none at all."""
    line = spreadsheet_csv(["id"], [["x", text]]).decode("utf-8-sig").partition("\r\n")[2]
    for cell in re.split(rf"[{separator}\r\n]", line):
        begins_with_formula = re.match(r'[ "\u00a0\u200b\u3000\ufeff\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]', cell)
        assert not begins_with_formula or re.fullmatch(r'"?-[0-9.]+"?', cell)

"""The list for a spreadsheet: who is on it in which order, and nothing in it is ever computed."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customer_analytics.reporting.call_list import COLUMNS, write_call_list
from customer_analytics.reporting.spreadsheet import as_written, harmless, spreadsheet_csv
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.scenario import day
from customer_analytics_tests.reporting.health.scenario import on_list

__all__ = ["warehouse"]

TODAY = day(5)
COMPUTED = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
PARTS = st.sampled_from([*COMPUTED, *"'\";, ab1,", "\u200b", "\ufeff", "\u3000", "\x00"])
TEXTS = st.lists(PARTS, max_size=8).map("".join) | st.text(max_size=12)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def test_everyone_on_the_list_is_in_it_and_who_is_held_out_is_marked(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    on_list(warehouse, TODAY, "later", call_rank=2, call_today=False)
    on_list(
        warehouse,
        TODAY,
        "first",
        reasons=["5 tickets", "refund of 90.00"],
        value_at_risk=Decimal("1234.50"),
        no_order_probability_90d=0.8125,
        entered_on=date(2024, 3, 1),
        large_refund=Decimal("90.00"),
        is_disengaged=True,
    )
    on_list(warehouse, TODAY, "held", call_rank=None, call_today=False, is_held_out=True)
    on_list(warehouse, TODAY, "only the rule", is_listed=False, entered_on=None)
    on_list(warehouse, day(4), "of another day")
    path = write_call_list(warehouse, TODAY, tmp_path)
    assert path == tmp_path / "at_risk_2024-03-05.csv"
    written = rows(path)
    assert tuple(written[0]) == COLUMNS
    assert [(row["call_rank"], row["customer_id"], row["outreach"]) for row in written] == [
        ("1", "first", "call"),
        ("2", "later", "later"),
        ("", "held", "hold out"),
    ]
    assert written[0] == {
        "call_rank": "1",
        "customer_id": "first",
        "outreach": "call",
        "reasons": "5 tickets; refund of 90.00",
        "recommended_action": "proactive_outreach",
        "value_at_risk": "1234.5",
        "no_order_probability_90d": "0.8125",
        "service_risk_score": "",
        "tickets_30d": "3",
        "high_priority_tickets_30d": "0",
        "large_refund": "90.0",
        "is_disengaged": "yes",
        "entered_on": "2024-03-01",
        "as_of_date": "2024-03-05",
    }


def test_a_day_without_anybody_has_a_header_only(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert rows(write_call_list(warehouse, TODAY, tmp_path)) == []


def test_the_same_list_has_the_same_bytes_and_replaces_the_old_one_whole(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / ".at_risk_2024-03-05.csv.4711").write_bytes(b"left by a writer that was killed")
    on_list(warehouse, TODAY, "alice")
    first = write_call_list(warehouse, TODAY, tmp_path).read_bytes()
    assert write_call_list(warehouse, TODAY, tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["at_risk_2024-03-05.csv"]


def test_a_file_that_cannot_be_written_is_named(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("this is no folder", encoding="utf-8")
    with pytest.raises(OSError, match=r"/exports/at_risk_2024-03-05\.csv"):
        write_call_list(warehouse, TODAY, tmp_path / "exports")


def test_it_is_what_spreadsheets_take_for_utf_8(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    on_list(warehouse, TODAY, 'Łukasz 😀, "Lu"\nmarket', call_rank=1)
    content = write_call_list(warehouse, TODAY, tmp_path).read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"call_rank","customer_id",')
    assert content.endswith(b"\r\n")
    assert '1,"Łukasz 😀, ""Lu""\nmarket","call"'.encode() in content


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", "\uff1d1+1", "\uff20A1", "\u22121"),
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


@pytest.mark.parametrize("text", ["", "alice", "C-100", "a=b", "it's", "12.50", "a, b; c", "mail@example"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_numbers_stay_numbers() -> None:
    assert spreadsheet_csv(["n"], [[-12.5], [7], [None]]).decode("utf-8-sig") == '"n"\r\n-12.5\r\n7\r\n""\r\n'


@given(TEXTS)
@example("';'\t=")
def test_every_text_comes_back(text: str) -> None:
    assert as_written(harmless(text)) == text


@given(TEXTS, st.sampled_from(",;\t"))
def test_no_spreadsheet_finds_a_formula_however_it_cuts_lines(text: str, separator: str) -> None:
    """The file as a spreadsheet cuts it that knows only quotes at the start of a cell, or none at all."""
    line = spreadsheet_csv(["id"], [["x", text]]).decode("utf-8-sig").partition("\r\n")[2]
    for cell in re.split(rf"[{separator}\r\n]", line):
        assert not re.match(r'[ "\u00a0\u200b\u3000\ufeff\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]', cell)

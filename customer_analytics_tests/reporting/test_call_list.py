"""The list for a spreadsheet: who is on it in which order, and nothing in it is ever computed."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import pytest

from customer_analytics.reporting.call_list import COLUMNS, write_call_list
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.scenario import day
from customer_analytics_tests.reporting.health.scenario import on_list

__all__ = ["warehouse"]

TODAY = day(5)


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


def test_nothing_in_it_is_computed(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    on_list(warehouse, TODAY, "x; =1+1", reasons=["=2+2"])
    [row] = rows(write_call_list(warehouse, TODAY, tmp_path))
    assert (row["customer_id"], row["reasons"]) == ("x;' =1+1", "'=2+2")

"""The SQL judge and pandera give the same verdict on the same records, whatever is in them."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.source import Source
from customer_analytics.contracts.support_tickets import SupportTickets
from customer_analytics.landing.folder import LandingArea
from customer_analytics.quality.duplicates import reject_within_day
from customer_analytics.quality.judge import Judge
from customer_analytics_tests.oracle import Cells, bad_records
from customer_analytics_tests.scenario import DAY, ORDERS, TICKETS, land

Written = tuple[str, bytes, Sequence[Cells]]

NASTY = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "\t", "NULL", "null", "Null", "nan", "0", "-0.00", "a,b", '"', 'a "b"', " x ", "=1+1"]),
    st.sampled_from(
        ["C\u200b", "\u202eC", "\ufeff", "a\u0300", "C\x7f", "a\nb", "a\r\nb", "a\0b", "é" * 200, "é" * 201]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=6),
)
IDS = st.one_of(st.sampled_from(["1", "2", "3", "id 4", "é"]), NASTY)
TIMES = st.one_of(
    st.builds(
        "{}-{:02}-{:02}{}{:02}:{:02}{}{}".format,
        st.sampled_from(["2026", "2026", "2026", "1999", "0001"]),
        st.sampled_from([3, 3, 3, 2, 13]),
        st.integers(8, 12) | st.sampled_from([0, 30, 31]),
        st.sampled_from(["T", " "]),
        st.sampled_from([0, 1, 12, 22, 23, 24]),
        st.sampled_from([0, 30, 59, 60]),
        st.sampled_from(["", ":00", ":59", ":59.999999", ":59.9999999", ":60", ":1"]),
        st.sampled_from(["", "", "Z", "+02:00", "-0130", "+14", "+15:00", " +01:00", "z", " "]),
    ),
    st.sampled_from(["2026-03-10", "2026-03-09", "2026-03-08", "2026-03-11", "infinity", "epoch", "now", "03/10/2026"]),
    NASTY,
)
AMOUNTS = st.one_of(
    st.decimals(-100, 100, places=2).map(str),
    st.builds(
        "{}{}.{}".format,
        st.sampled_from(["", "-", "+"]),
        st.integers(0, 10**17),
        st.sampled_from(["", "1", "00", "120", "125"]),
    ),
    st.sampled_from(["1e3", "NaN", "inf", "0x1F", "1_000", "1,50", "$1", "٣", "--1", "9" * 17, "0" * 17]),
    NASTY,
)
ORDER = st.fixed_dictionaries(
    {
        "order_id": IDS,
        "customer_id": IDS,
        "order_date": TIMES,
        "total_amount": AMOUNTS,
        "status": st.sampled_from(["paid", "refunded", "cancelled", "PAID", ""]) | NASTY,
    }
)
TICKET = st.fixed_dictionaries(
    {
        "ticket_id": IDS,
        "customer_id": IDS,
        "created_date": TIMES,
        "category": NASTY,
        "priority": st.sampled_from(["low", "medium", "high", "urgent", "nope"]),
        "resolved_date": st.none() | TIMES,
    }
)
SURROGATES = st.sampled_from(["\ud800", "x\udfff"])


def good_beside(
    record: st.SearchStrategy[dict[str, str | None]], good: dict[str, str | None]
) -> st.SearchStrategy[Any]:
    """Lists of records, some good but for a cell or two, so that not all of them fail at the first hurdle.

    The last one is good: a file whose records all belong to another day would be refused.
    """
    names = st.sets(st.sampled_from(sorted(good)), max_size=2)
    nearly = st.builds(lambda nasty, spoiled: good | {name: nasty[name] for name in spoiled}, record, names)
    key = next(iter(good))
    return st.lists(nearly | nearly | record, max_size=12).map(lambda records: [*records, good | {key: "the last"}])


ORDER_LISTS = good_beside(
    ORDER,
    {"order_id": "7", "customer_id": "8", "order_date": "2026-03-10", "total_amount": "1.00", "status": "paid"},
)
TICKET_LISTS = good_beside(
    TICKET,
    {
        "ticket_id": "7",
        "customer_id": "8",
        "created_date": "2026-03-10T12:00:00Z",
        "category": "x",
        "priority": "low",
        "resolved_date": None,
    },
)


def as_csv(records: Sequence[Cells]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), quoting=csv.QUOTE_ALL if len(records) % 2 else csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def as_jsonl(records: Sequence[Cells]) -> bytes:
    return "\n".join(json.dumps(record, ensure_ascii=True) for record in records).encode()


def judged_bad(connection: duckdb.DuckDBPyConnection, source: Source, name: str, content: bytes) -> set[int]:
    """The positions of the records that the judge refuses."""
    with tempfile.TemporaryDirectory() as folder:
        land(Path(folder), source, {name: content})
        delivered = Judge(connection, source).judge(LandingArea(Path(folder)).open(source.name, DAY))
    reject_within_day(connection, source)
    rows = connection.execute("select len(_reasons) > 0 from judged order by _line").fetchall()
    assert delivered.records - delivered.ignored == len(rows)
    return {position for position, (is_bad,) in enumerate(rows) if is_bad}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def assert_same_verdict(
    connection: duckdb.DuckDBPyConnection, model: type[pa.DataFrameModel], source: Source, written: Written
) -> None:
    """Judge and oracle agree, record by record."""
    name, content, records = written
    expected = bad_records(model, records, DAY, earliest_days=1, latest_days=0)
    assert judged_bad(connection, source, name, content) == expected


examples = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


@examples
@given(records=ORDER_LISTS)
def test_orders_in_csv(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, Orders, ORDERS, ("orders.csv", as_csv(records), records))


@examples
@given(records=ORDER_LISTS)
def test_orders_in_jsonl(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, Orders, ORDERS, ("orders.jsonl", as_jsonl(records), records))


@examples
@given(records=TICKET_LISTS)
def test_tickets_in_csv(connection: duckdb.DuckDBPyConnection, records: list[Cells]) -> None:
    assert_same_verdict(connection, SupportTickets, TICKETS, ("tickets.csv", as_csv(records), records))


@examples
@given(records=TICKET_LISTS, surrogate=SURROGATES, at=st.integers(0, 11))
def test_tickets_in_jsonl_with_a_lone_surrogate_somewhere(
    connection: duckdb.DuckDBPyConnection, records: list[Cells], surrogate: str, at: int
) -> None:
    spoiled = [dict(record) | ({"category": surrogate} if n == at else {}) for n, record in enumerate(records)]
    assert_same_verdict(connection, SupportTickets, TICKETS, ("tickets.jsonl", as_jsonl(spoiled), spoiled))

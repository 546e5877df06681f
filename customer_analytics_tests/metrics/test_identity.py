"""Merged customers: the file that says who is who, and everything derived as if they had always been one."""

from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.metrics.as_of import stale_days
from customer_analytics.metrics.change_rows import fold_pending_orders
from customer_analytics.metrics.features import build_features, compute_customer_features, features_as_of
from customer_analytics.metrics.identity import AliasesRefusedError, aliases_changed, read_aliases, store_aliases
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics import oracle
from customer_analytics_tests.metrics.features_oracle import Event, SupportTicket, publish
from customer_analytics_tests.metrics.scenario import NOW, Order, at, day, publish_orders, withdraw

HEADER = "alias_id,customer_id\n"
LAST = 6

Aliases = dict[str, str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "customer_aliases.csv"


def test_without_a_file_nobody_is_merged(path: Path) -> None:
    assert read_aliases(path) == {}


def test_chains_are_followed_to_their_end(path: Path) -> None:
    path.write_text(HEADER + "C-1,C-2\nC-2,C-3\nC-0,C-1\nC-9,C-3\n")
    assert read_aliases(path) == {"C-1": "C-3", "C-2": "C-3", "C-0": "C-3", "C-9": "C-3"}


def test_a_long_chain_is_no_trouble(path: Path) -> None:
    path.write_text(HEADER + "".join(f"{number},{number + 1}\n" for number in range(20_000)))
    assert set(read_aliases(path).values()) == {"20000"}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfalias_id,customer_id\r\nC-1,C-2\r\n",
        b"customer_id,merged_on,alias_id\nC-2,2024-03-01,C-1\n",
        b'"alias_id", customer_id\n\n" C-1\t",C-2\n',
    ],
)
def test_other_columns_spaces_and_marks_do_not_matter(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_aliases(path) == {"C-1": "C-2"}


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        ("", 1, "the header must name alias_id and customer_id, each once"),
        ("C-1,C-2\n", 1, "the header must name alias_id and customer_id"),
        ("alias_id;customer_id\nC-1;C-2\n", 1, "the header must name alias_id and customer_id"),
        ("alias_id,customer_id,alias_id\n1,2,3\n", 1, "the header must name alias_id and customer_id, each once"),
        (HEADER + "C-1,C-2\nC-3\n", 3, "the line has more or fewer cells than the header"),
        (HEADER + "C-1,C-2,C-3\n", 2, "the line has more or fewer cells than the header"),
        (HEADER + "C-1,C-2\n ,C-2\n", 3, "alias_id is blank"),
        (HEADER + "C-1,\n", 2, "customer_id is blank"),
        (HEADER + "C-\x07,C-2\n", 2, "alias_id is not an id: up to 200 visible characters"),
        (HEADER + "C-1," + "x" * 201 + "\n", 2, "customer_id is not an id"),
        (HEADER + "C-1,C-2\nC-5,C-6\nC-1,C-2\n", 4, "'C-1' has a customer already, on line 2"),
        (HEADER + "C-1,C-1\n", 2, "'C-1' is mapped to itself"),
        (HEADER + "C-0,C-1\nC-1,C-2\nC-2,C-1\n", 4, "C-0 -> C-1 -> C-2 -> C-1 leads back to where it was"),
        (HEADER + '"C-1,C-2\n', 2, "this is not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(path: Path, content: str, line: int, why: str) -> None:
    path.write_text(content)
    with pytest.raises(AliasesRefusedError) as refusal:
        read_aliases(path)
    assert str(refusal.value).startswith(f"{path}, line {line}: {why}")
    assert str(refusal.value).endswith(
        "Mend the line or take it out; until then the aliases that were read last count."
    )


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused(path: Path, encoding: str) -> None:
    path.write_bytes((HEADER + "C-1,Müller\n").encode(encoding))
    with pytest.raises(AliasesRefusedError, match="this is not a CSV file in UTF-8"):
        read_aliases(path)


@pytest.mark.parametrize("what", ["a folder", "a link to nothing"])
def test_what_is_no_file_is_refused_and_parts_nobody(path: Path, what: str) -> None:
    if what == "a folder":
        path.mkdir()
    else:
        path.symlink_to("elsewhere.csv")
    with pytest.raises(AliasesRefusedError, match="it is not a file"):
        read_aliases(path)


def test_a_map_is_stored_once_and_the_file_is_compared_with_it(
    warehouse: duckdb.DuckDBPyConnection, path: Path
) -> None:
    assert not aliases_changed(warehouse, path)
    path.write_text(HEADER + "C-1,C-2\nC-3,C-1\n")
    assert aliases_changed(warehouse, path)
    assert store_aliases(warehouse, read_aliases(path))
    assert not aliases_changed(warehouse, path)
    assert not store_aliases(warehouse, read_aliases(path))
    path.unlink()
    assert aliases_changed(warehouse, path)
    assert store_aliases(warehouse, read_aliases(path))
    assert warehouse.execute("from marts.customer_aliases").fetchall() == []
    assert warehouse.execute("select count(*) from marts.alias_revisions").fetchall() == [(2,)]


def test_a_new_map_makes_every_derived_day_stale_until_it_is_computed(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_orders(warehouse, day(1), [Order("ann", at(1), Decimal(1)), Order("old-ann", at(1), Decimal(2))])
    days = [day(1), day(2), day(3)]
    for aliases in ({"old-ann": "ann"}, {}):
        compute_customer_features(warehouse, days, "run", NOW)
        assert stale_days(warehouse, "customer_features", day(3)) == []
        store_aliases(warehouse, aliases)
        assert stale_days(warehouse, "customer_features", day(3)) == days


def test_merged_customers_are_one_in_everything_derived(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(
        warehouse,
        day(1),
        [
            Order("ann", at(1), Decimal(1)),
            Order("old-ann", at(1), Decimal(2)),
            SupportTicket("old-ann", at(1)),
            Event("older-ann", at(1), "email_open"),
        ],
    )
    store_aliases(warehouse, {"old-ann": "ann", "older-ann": "ann"})
    build_features(warehouse, [day(1)])
    columns = "customer_id, order_days, revenue_90d, tickets_7d, reactions_30d"
    assert warehouse.execute(f"select {columns} from asked_features").fetchall() == [("ann", 1, Decimal(3), 1, 1)]
    found = features_as_of(warehouse, ["old-ann", "ann"], [NOW.replace(tzinfo=UTC)] * 2)
    assert found.select(["customer_id", "revenue_365d"]).to_pylist() == [
        {"customer_id": "old-ann", "revenue_365d": Decimal(3)},
        {"customer_id": "ann", "revenue_365d": Decimal(3)},
    ]


customers = st.sampled_from(["ann", "bob", "eve"])
maps = st.sampled_from([{}, {"ann": "bob"}, {"bob": "ann"}, {"ann": "eve", "bob": "eve"}, {"eve": "zoe"}])


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[int, list[Order]]:
    number = draw(st.integers(min_value=1, max_value=LAST))
    times = st.builds(at, st.integers(min_value=number - 2, max_value=number), st.integers(min_value=0, max_value=23))
    amounts = st.integers(min_value=0, max_value=500).map(Decimal)
    statuses = st.sampled_from(["paid", "cancelled", "refunded"])
    return number, draw(st.lists(st.builds(Order, customers, times, amounts, statuses), max_size=4))


steps = st.lists(deliveries() | maps | st.sampled_from(["fold", "withdraw"]), min_size=1, max_size=14)


@settings(max_examples=20, deadline=None)
@given(steps=steps)
def test_whenever_customers_are_merged_or_parted_the_fold_is_that_of_one_from_scratch(
    steps: list[tuple[int, list[Order]] | Aliases | str],
) -> None:
    published: dict[date, list[Order]] = {}
    aliases: Aliases = {}
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for step in [*steps, "fold"]:
            if step == "fold":
                fold_pending_orders(connection)
                assert history(connection) == oracle.history(merged(published, aliases))
            elif step == "withdraw" and published:
                withdraw(connection, "orders", published.popitem()[0])
            elif isinstance(step, dict):
                aliases = step
                store_aliases(connection, aliases)
            elif not isinstance(step, str):
                number, orders = step
                published[day(number)] = orders
                publish_orders(connection, day(number), orders)


@pytest.mark.parametrize(
    ("before", "after"), [({}, {"bob": "ann"}), ({"bob": "ann"}, {}), ({"bob": "ann"}, {"ann": "bob"})]
)
def test_only_the_customers_concerned_are_folded_again(
    warehouse: duckdb.DuckDBPyConnection, before: Aliases, after: Aliases
) -> None:
    publish_orders(warehouse, day(1), [Order(customer, at(1), Decimal(5)) for customer in ("ann", "bob", "eve")])
    store_aliases(warehouse, before)
    fold_pending_orders(warehouse)
    store_aliases(warehouse, after)
    fold_pending_orders(warehouse)
    touched = warehouse.execute("select customer_id from touched_customers order by all").fetchall()
    assert touched == [("ann",), ("bob",)]
    fold_pending_orders(warehouse)
    assert warehouse.execute("select count(*) from pending_aliases").fetchall() == [(0,)]


def history(connection: duckdb.DuckDBPyConnection) -> list[oracle.Row]:
    return connection.execute("from marts.customer_value_history order by customer_id, valid_from").fetchall()


def merged(published: dict[date, list[Order]], aliases: Aliases) -> dict[date, list[Order]]:
    return {
        delivery_day: [replace(order, customer=aliases.get(order.customer, order.customer)) for order in orders]
        for delivery_day, orders in published.items()
    }

"""What must be true when a life has ended: nothing is missing, nothing was done twice, everything was told once."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb

from customer_analytics.components.catalog import declared_sources
from customer_analytics.landing.folder import FLAG, LandingArea
from customer_analytics.metrics.as_of import compute_customer_lifetime_value, stale_days
from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.ledger import latest_published_day
from customer_analytics.warehouse.load import load_days
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.simulation.arrivals import NAMES, SOURCES
from customer_analytics_tests.simulation.house import House, Subject, not_landed

Row = tuple[Any, ...]
# Key, customer, and what differs between versions.
COLUMNS = {
    "orders": ("order_id", "customer_id", "total_amount"),
    "support_tickets": ("ticket_id", "customer_id", "priority"),
    "marketing_events": ("event_id", "customer_id", "event_type", "campaign_id"),
}


def last_good(house: House) -> dict[Subject, str]:
    """What must be published of each day: what lies there; where that is broken or gone, the last that was loaded."""
    found = {}
    for subject in sorted({*house.supplier.flagged, *house.loaded}):
        lies_there = house.supplier.content[subject] if subject in house.supplier.flagged else None
        loaded = [content for content, _ in house.loaded[subject]]
        good = [each for each in [*loaded, lies_there] if each is not None and each not in house.supplier.broken]
        if good:
            found[subject] = good[-1]
    return found


def assert_nothing_missed(house: House) -> None:
    """Sources are published as they were delivered last; what is derived is as if it were computed from scratch."""
    delivered = last_good(house)
    with duckdb.connect(str(house.data / "warehouse.duckdb"), read_only=True) as connection:
        for source in SOURCES:
            columns = ", ".join(f"{column}::varchar" for column in COLUMNS[source])
            found = connection.execute(f"select delivery_day, {columns} from sources.{source} order by all").fetchall()
            expected = [row for (of, day), text in delivered.items() if of == source for row in _rows(of, day, text)]
            assert found == sorted(expected)
        for asset, derived in DERIVED_ASSETS.items():
            through = latest_published_day(connection, derived.sources)
            assert through
            assert stale_days(connection, asset, through) == []
        computed = _derived(connection)
    assert computed == _from_scratch(house, delivered)


def _rows(source: str, day: date, text: str) -> Iterator[Row]:
    lines = text.splitlines()
    records = map(json.loads, lines) if source == "support_tickets" else csv.DictReader(lines)
    return ((day, *(record[column] for column in COLUMNS[source])) for record in records)


def _derived(connection: duckdb.DuckDBPyConnection) -> tuple[list[Row], list[Row]]:
    values = connection.execute("from marts.customer_lifetime_value order by as_of_date, customer_id").fetchall()
    at_risk = connection.execute(
        """select as_of_date, customer_id, tickets_30d, high_priority_tickets_30d
           from marts.at_risk_customers order by all"""
    ).fetchall()
    return values, at_risk


def _from_scratch(house: House, delivered: dict[Subject, str]) -> tuple[list[Row], list[Row]]:
    """Another company to which everything was delivered at once, as it was delivered last."""
    root, now = house.data / "from_scratch", house.clock.now.replace(tzinfo=None)
    for (source, day), text in delivered.items():
        folder = root / source / day.isoformat()
        folder.mkdir(parents=True)
        (folder / NAMES[source]).write_text(text, encoding="utf-8")
        (folder / FLAG).touch()
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        for declared in declared_sources():
            days = [day for of, day in delivered if of == declared.name]
            list(load_days(connection, LandingArea(root), declared, days, run_id="once", now=now))
        compute_customer_lifetime_value(connection, _computed(house, "customer_lifetime_value"), "once", now)
        compute_at_risk_customers(connection, _computed(house, "at_risk_customers"), "once", now)
        return _derived(connection)


def _computed(house: House, asset: str) -> list[date]:
    with duckdb.connect(str(house.data / "warehouse.duckdb"), read_only=True) as connection:
        query = "select as_of_date from marts.as_of_days where asset = ? order by 1"
        return [day for (day,) in connection.execute(query, [asset]).fetchall()]


def assert_nothing_doubled(house: House) -> None:
    """Nothing that was published is loaded again while it lies there unchanged, unless the run before was killed."""
    for (source, day), loads in house.loaded.items():
        for (content, fate), (again, _) in pairwise(loads):
            is_twice = content == again and content not in house.supplier.broken
            assert not is_twice or fate == "killed", f"{source} {day} was loaded twice"


def assert_all_told_once(house: House) -> None:
    """One opened message for each incident, all of them sent; open are only those whose cause is still there."""
    with sqlite3.connect(house.data / "alerts.sqlite") as store:
        messages = store.execute(
            "select incidents.id, purpose, sent_at from incidents left join messages on incident_id = incidents.id"
        ).fetchall()
    for incident in {number for number, _, _ in messages}:
        assert [purpose for number, purpose, _ in messages if number == incident].count("opened") == 1
    assert all(sent_at for _, _, sent_at in messages)
    held_back = {
        source for (source, _), loads in house.loaded.items() if loads and loads[-1][0] in house.supplier.broken
    }
    expected = {f"held_back:{source}" for source in held_back}
    expected |= {f"not_landed:{source}" for source, days in not_landed(house).items() if days}
    still_open = {key for key, _, is_open in house.incidents() if is_open and not key.startswith("check_warned")}
    assert still_open == expected, (still_open - expected, expected - still_open)

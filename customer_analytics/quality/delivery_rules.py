"""What a delivery as a whole must keep to; where it does not, all of it is refused."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

import duckdb

from customer_analytics.contracts.source import Source
from customer_analytics.landing.errors import DeliveryRefusedError
from customer_analytics.landing.folder import Delivery
from customer_analytics.quality.compiler import OTHER_DAY
from customer_analytics.quality.sql import literal

INTERRUPT_SECONDS = 0.1


def assert_few_files(source: Source, delivery: Delivery) -> None:
    """Refuse a delivery of more files than the source may have.

    Raises:
        DeliveryRefusedError: says how many there are.
    """
    most = source.policy.limits.files
    if len(delivery.files) > most:
        message = (
            f"{delivery.folder} has {len(delivery.files):,} files; {source.name} may have {most:,}. Deliver fewer, "
            "larger ones, or raise limits.files."
        )
        raise DeliveryRefusedError(message)


@contextmanager
def time_limit(connection: duckdb.DuckDBPyConnection, source: Source, delivery: Delivery) -> Iterator[None]:
    """Refuse a delivery that takes longer to judge than the source may.

    Raises:
        DeliveryRefusedError: the time is over.
    """
    seconds = source.policy.limits.seconds
    message = (
        f"{delivery.folder}: judging it took longer than {seconds:g} s. Deliver less at once, or raise limits.seconds."
    )
    end = time.monotonic() + seconds
    has_ended = Event()
    watcher = Thread(target=_interrupt_after, args=(seconds, connection, has_ended), daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if time.monotonic() < end:
            raise
        raise DeliveryRefusedError(message) from error
    finally:
        has_ended.set()
        watcher.join()
    if time.monotonic() > end:
        raise DeliveryRefusedError(message)


def _interrupt_after(seconds: float, connection: duckdb.DuckDBPyConnection, has_ended: Event) -> None:
    """Again and again: an interruption between two queries stops neither."""
    while not has_ended.wait(seconds):
        connection.interrupt()
        seconds = INTERRUPT_SECONDS


def assert_constants(connection: duckdb.DuckDBPyConnection, source: Source, delivery: Delivery) -> None:
    """Refuse a delivery that has another value where the source has one for all, mixed currencies for instance.

    Raises:
        DeliveryRefusedError: names the column, the value that it must have, and the first record that has not.
    """
    for column, value in source.policy.constants.items():
        kept = f"_beside[{literal(column)}]"
        found = connection.execute(
            f"""select count(*), arg_min(_file || ':' || _line, (_file, _line)) from judged
                where _day = $day and {kept} is distinct from $value and _beside is not null and _file in (
                  select _file from judged where _day = $day and list_contains(map_keys(_beside), $column))""",
            {"day": delivery.day, "value": value, "column": column},
        ).fetchone()
        if found and found[0]:
            message = (
                f"{delivery.folder}: {column} must be {value} throughout; it is not in {found[0]:,} records, the first "
                f"of them {found[1]}. Deliver one {column} only."
            )
            raise DeliveryRefusedError(message)


def assert_own_day(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> None:
    """Refuse deliveries with a file all of whose records happened too early or too late for its day.

    Raises:
        DeliveryRefusedError: names the files of the first of them.
    """
    rows = connection.execute(
        f"""select _day, _file, count(*) from judged where list_contains(?, _day) group by _day, _file
            having bool_and(len(list_filter(_reasons, lambda _reason: _reason.rule = {literal(OTHER_DAY)})) > 0)
            order by _day, _file""",
        [[delivery.day for delivery in deliveries]],
    ).fetchall()
    for delivery in deliveries:
        found = [f"{file} ({records:,} records)" for day, file, records in rows if day == delivery.day]
        if found:
            message = (
                f"{delivery.folder}: all records belong to another day in {', '.join(found[:5])}. Deliver them under "
                "their own day, or widen earliest_days or latest_days in the source's policy."
            )
            raise DeliveryRefusedError(message)

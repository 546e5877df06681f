"""Every day against its times: what has landed, what is late, what nobody waits for, and the share in time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb
import pytest

from customer_analytics.contracts.schedule import DeliverySchedule, OutputSchedule, WithoutDelivery
from customer_analytics.contracts.timetable import Output
from customer_analytics.landing.folder import FLAG, LandingArea
from customer_analytics.reporting.schedule import TimelyDay, Timetable, share_in_time, timely_days
from customer_analytics.warehouse.schema import migrate
from customer_analytics.warehouse.timeline import Moments, record_first_times

FIRST, SECOND = date(2026, 11, 2), date(2026, 11, 3)
TIMETABLE = Timetable(
    {
        "orders": DeliverySchedule(
            expected=time(5),
            deadline=time(6),
            grace_minutes=30,
            without_delivery=WithoutDelivery(days=frozenset({date(2026, 11, 1)})),
        )
    },
    {"value": Output(("orders",), OutputSchedule(ready_by=time(7)))},
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


@pytest.fixture
def serving() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        migrate(connection)
        yield connection


def remember(
    serving: duckdb.DuckDBPyConnection, dataset: str, day: date, published: str, landed: str | None = None
) -> None:
    moments = Moments(at(landed) if landed else None, at(published), at(published))
    record_first_times(serving, dataset, {day: moments})


def states(
    serving: duckdb.DuckDBPyConnection | None,
    landing: Path,
    now: str,
    *,
    days: Sequence[date] = (FIRST,),
    since: str = "01 00:00",
) -> dict[tuple[str, int], str]:
    found = timely_days(serving, LandingArea(landing), TIMETABLE, days, since=at(since), now=at(now))
    return {(each.dataset, each.day.day): each.state for each in found}


def land(landing: Path, day: date) -> None:
    folder = landing / "orders" / day.isoformat()
    folder.mkdir(parents=True)
    (folder / FLAG).touch()


def test_before_its_deadline_a_day_is_waited_for(tmp_path: Path) -> None:
    assert states(None, tmp_path, "03 06:00") == {("orders", 2): "waiting", ("value", 2): "waiting"}


def test_a_day_that_never_landed_is_late_from_its_deadline_on_though_nothing_was_ever_loaded(tmp_path: Path) -> None:
    assert states(None, tmp_path, "03 06:01") == {("orders", 2): "not_landed", ("value", 2): "waiting"}
    assert states(None, tmp_path, "03 07:01") == {("orders", 2): "not_landed", ("value", 2): "not_ready"}


def test_a_day_that_landed_has_its_grace_to_be_published(tmp_path: Path) -> None:
    land(tmp_path, FIRST)
    assert states(None, tmp_path, "03 06:30")["orders", 2] == "waiting"
    assert states(None, tmp_path, "03 06:31")["orders", 2] == "not_published"


@pytest.mark.parametrize(
    ("landed", "published", "state"),
    [
        ("03 05:00", "03 05:10", "in_time"),
        ("03 06:00", "03 06:30", "in_time"),
        ("03 06:01", "03 06:10", "late"),
        ("03 05:00", "03 06:31", "late"),
    ],
)
def test_a_published_day_was_in_time_where_it_landed_and_was_published_in_time(
    serving: duckdb.DuckDBPyConnection, tmp_path: Path, landed: str, published: str, state: str
) -> None:
    remember(serving, "orders", FIRST, published, landed)
    assert states(serving, tmp_path, "05 00:00")["orders", 2] == state


def test_publishing_an_old_day_says_nothing_of_a_later_one(serving: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    remember(serving, "orders", FIRST, "05 12:00", "05 11:00")
    found = states(serving, tmp_path, "05 12:01", days=[FIRST, SECOND])
    assert found["orders", 2] == "late"
    assert found["orders", 3] == "not_landed"


def test_a_later_version_of_a_day_does_not_make_it_late(serving: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    remember(serving, "orders", FIRST, "03 05:10", "03 05:00")
    remember(serving, "orders", FIRST, "09 12:00", "09 11:00")
    assert states(serving, tmp_path, "10 00:00")["orders", 2] == "in_time"


def test_days_without_delivery_and_days_before_watching_began_are_not_late(tmp_path: Path) -> None:
    assert states(None, tmp_path, "05 00:00", days=[date(2026, 11, 1)])["orders", 1] == "not_expected"
    found = states(None, tmp_path, "05 00:00", days=[FIRST, SECOND], since="03 12:00")
    assert found["orders", 2] == found["value", 2] == "history"
    assert found["orders", 3] == "not_landed"


def test_a_day_whose_grace_is_not_over_when_watching_begins_counts(tmp_path: Path) -> None:
    assert states(None, tmp_path, "03 06:40", since="03 06:30")["orders", 2] == "not_landed"
    assert states(None, tmp_path, "03 06:40", since="03 06:31")["orders", 2] == "history"


def test_the_share_in_time_counts_days_whose_time_has_come(serving: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    days = [date(2026, 11, day) for day in (1, 2, 3, 4, 5)]
    remember(serving, "orders", days[1], "03 05:10", "03 05:00")
    remember(serving, "orders", days[2], "04 05:10", "04 05:00")
    remember(serving, "orders", days[3], "05 09:00", "05 08:00")
    area = LandingArea(tmp_path)
    found = timely_days(serving, area, TIMETABLE, days, since=at("01 00:00"), now=at("05 12:00"))
    assert share_in_time([day for day in found if day.dataset == "orders"]) == pytest.approx(2 / 3)
    assert share_in_time([]) is None


def test_each_day_has_its_moments(serving: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    remember(serving, "orders", FIRST, "03 05:10", "03 05:00")
    area = LandingArea(tmp_path)
    [orders, _] = timely_days(serving, area, TIMETABLE, [FIRST], since=at("01 00:00"), now=at("05 12:00"))
    assert orders == TimelyDay(
        dataset="orders",
        day=FIRST,
        state="in_time",
        due_at=at("03 06:00"),
        expected_at=at("03 05:00"),
        landed_at=at("03 05:00"),
        started_at=at("03 05:10"),
        published_at=at("03 05:10"),
    )

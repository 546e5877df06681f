"""One incident is one opened message and one recovery, however many days, ticks and flaps it spans."""

import sqlite3
from datetime import date, timedelta

import pytest

from customer_analytics.alerting.incidents import history, open_incidents, over_since
from customer_analytics.alerting.routing import Route, Routing
from customer_analytics_tests.alerting.scenario import (
    ALL_KINDS,
    EVERYTHING,
    HOUR,
    MINUTE,
    NOON,
    channels_to,
    problem,
    tick,
    written,
)

OPENED = "opened: [critical] orders: it has not landed"
RESOLVED = "resolved: [resolved] orders: it has not landed"
BY_SEVERITY = Routing(
    channels={"on_call": "ALERTS_ON_CALL", "data_team": "ALERTS_DATA_TEAM"},
    routes=(Route(channel="on_call", severity="critical"), Route(channel="data_team")),
)
BOTH = channels_to("on_call#1", "data_team#1")


def test_a_problem_is_told_once_however_often_it_is_seen(store: sqlite3.Connection) -> None:
    first = tick(store, [problem()], NOON)
    again = [tick(store, [problem()], NOON + each * MINUTE) for each in range(1, 100)]
    assert first.opened == ["not_landed:orders"]
    assert not any(each.opened or each.updated or each.resolved for each in again)
    assert written(store) == [OPENED]


def test_the_end_is_told_once_after_it_has_settled_with_how_long_it_lasted_and_every_day_it_had(
    store: sqlite3.Connection,
) -> None:
    tick(store, [problem(days=[date(2026, 11, 4)])], NOON)
    tick(store, [problem(days=[date(2026, 11, 5)])], NOON + 50 * MINUTE)
    assert tick(store, [], NOON + 95 * MINUTE).resolved == []
    assert tick(store, [], NOON + 105 * MINUTE).resolved == ["not_landed:orders"]
    assert tick(store, [], NOON + 200 * MINUTE).resolved == []
    assert written(store) == [OPENED, RESOLVED]
    body = store.execute("select body from messages where purpose = 'resolved'").fetchone()["body"]
    assert "It lasted 1 h 35 min, from 2026-11-06 12:00 UTC to 2026-11-06 13:35 UTC." in body
    assert "Days: 2026-11-04 to 2026-11-05" in body
    assert open_incidents(store) == []


def test_what_could_not_be_observed_stays_as_it_is(store: sqlite3.Connection) -> None:
    tick(store, [problem()], NOON)
    others = [kind for kind in ALL_KINDS if kind != "not_landed"]
    for minutes in range(1, 60):
        tick(store, [], NOON + minutes * MINUTE, observed=others)
    assert [incident.unseen_since for incident in open_incidents(store)] == [None]
    assert written(store) == [OPENED]


def test_a_problem_that_flaps_is_one_incident(store: sqlite3.Connection) -> None:
    for minutes in range(0, 120, 9):
        tick(store, [problem()], NOON + minutes * MINUTE)
        tick(store, [], NOON + minutes * MINUTE + 30 * timedelta(seconds=1))
    tick(store, [], NOON + 3 * HOUR)
    assert written(store) == [OPENED, RESOLVED]


def test_a_problem_that_comes_back_after_its_end_is_a_new_incident(store: sqlite3.Connection) -> None:
    for minutes, problems in [(0, [problem()]), (1, []), (11, []), (12, [problem()])]:
        tick(store, problems, NOON + minutes * MINUTE)
    assert written(store) == [OPENED, RESOLVED, OPENED]
    assert [incident.resolved_at for incident in history(store, NOON)] == [None, NOON + MINUTE]


def test_growth_is_told_in_one_update_a_day(store: sqlite3.Connection) -> None:
    for hour in range(73):
        days = [date(2026, 11, 5) + timedelta(days=extra) for extra in range(hour // 6 + 1)]
        tick(store, [problem(title=f"orders: {len(days)} have not landed", days=days)], NOON + hour * HOUR)
    assert written(store) == [
        "opened: [critical] orders: 1 have not landed",
        "updated: [critical] orders: 5 have not landed",
        "updated: [critical] orders: 9 have not landed",
        "updated: [critical] orders: 13 have not landed",
    ]


def test_growth_in_the_same_moment_is_not_forgotten(store: sqlite3.Connection) -> None:
    tick(store, [problem()], NOON)
    grown = problem(title="orders: 2 have not landed", days=[date(2026, 11, 4), date(2026, 11, 5)])
    tick(store, [grown], NOON)
    for days in (1, 2, 3):
        tick(store, [grown], NOON + days * 24 * HOUR)
    assert written(store) == [OPENED, "updated: [critical] orders: 2 have not landed"]


def test_an_update_says_what_is_wrong_now_and_since_when(store: sqlite3.Connection) -> None:
    tick(store, [problem(days=[date(2026, 11, 4)])], NOON)
    tick(store, [problem(days=[date(2026, 11, 5)])], NOON + 25 * HOUR)
    body = store.execute("select body from messages where purpose = 'updated'").fetchone()["body"]
    assert body.startswith("Still so, since 2026-11-06 12:00 UTC, with changes:")
    assert "Day: 2026-11-05" in body


def test_a_warning_that_becomes_critical_is_told_at_once_and_opens_to_who_is_told_of_nothing_less(
    store: sqlite3.Connection,
) -> None:
    tick(store, [problem(severity="warning")], NOON, routing=BY_SEVERITY, channels=BOTH)
    assert written(store, "on_call#1") == []
    for minutes in (5, 6):
        tick(store, [problem()], NOON + minutes * MINUTE, routing=BY_SEVERITY, channels=BOTH)
    assert written(store, "on_call#1") == [OPENED]
    assert written(store, "data_team#1") == [
        "opened: [warning] orders: it has not landed",
        "updated: [critical] orders: it has not landed",
    ]


def test_a_severity_that_goes_up_and_down_is_told_as_the_highest_once(store: sqlite3.Connection) -> None:
    tick(store, [problem(severity="warning")], NOON)
    for minutes in range(1, 60):
        severity = "critical" if minutes % 2 else "warning"
        tick(store, [problem(severity=severity)], NOON + minutes * MINUTE)  # type: ignore[arg-type]
    assert len(written(store)) == 2
    assert open_incidents(store)[0].problem.severity == "critical"


def test_a_channel_that_comes_later_is_told_of_what_is_still_open_and_of_its_end(store: sqlite3.Connection) -> None:
    tick(store, [problem()], NOON, routing=BY_SEVERITY, channels=channels_to("on_call#1"))
    tick(store, [problem()], NOON + HOUR, routing=BY_SEVERITY, channels=BOTH)
    for minutes in (61, 75):
        tick(store, [], NOON + minutes * MINUTE, routing=BY_SEVERITY, channels=BOTH)
    assert written(store, "on_call#1") == written(store, "data_team#1") == [OPENED, RESOLVED]


def test_who_was_told_that_it_began_is_told_that_it_ended_whatever_the_routes_say_by_then(
    store: sqlite3.Connection,
) -> None:
    tick(store, [problem()], NOON)
    for minutes in (1, 11):
        tick(store, [], NOON + minutes * MINUTE, routing=Routing(), channels=channels_to("on_call#1"))
    assert written(store) == [OPENED, RESOLVED]


def test_an_incident_that_nobody_is_told_of_is_kept_all_the_same(store: sqlite3.Connection) -> None:
    tick(store, [problem()], NOON, channels=channels_to())
    assert written(store) == []
    assert [incident.problem.key for incident in open_incidents(store)] == ["not_landed:orders"]


def test_two_sightings_of_the_same_are_one_incident_with_the_days_of_both(store: sqlite3.Connection) -> None:
    tick(
        store,
        [problem(days=[date(2026, 11, 4)], details=["one"]), problem(days=[date(2026, 11, 5)], details=["two"])],
        NOON,
    )
    (incident,) = open_incidents(store)
    assert incident.problem.days == (date(2026, 11, 4), date(2026, 11, 5))
    assert incident.problem.details == ("one", "two")


def test_incidents_come_back_as_they_were_written(store: sqlite3.Connection) -> None:
    tick(store, [problem(owners=["team:shop"])], NOON)
    (incident,) = open_incidents(store)
    assert incident.problem == problem(owners=["team:shop"])
    assert (incident.opened_at, incident.resolved_at) == (NOON, None)


def test_history_has_what_was_open_since_then_newest_first(store: sqlite3.Connection) -> None:
    tick(store, [problem("orders"), problem("tickets")], NOON)
    for hours in (1, 2):
        tick(store, [problem("tickets")], NOON + hours * HOUR)
    tick(store, [problem("tickets"), problem("events")], NOON + 5 * HOUR)
    assert [each.problem.subject for each in history(store, NOON + 3 * HOUR)] == ["events", "tickets"]
    assert [each.problem.subject for each in history(store, NOON)] == ["events", "tickets", "orders"]


def test_an_incident_is_over_since_its_end_and_not_before_now_while_it_is_open(store: sqlite3.Connection) -> None:
    assert over_since(store, "not_landed", "orders", NOON) is None
    tick(store, [problem("orders"), problem("tickets")], NOON)
    for hours in (1, 2):
        tick(store, [problem("tickets")], NOON + hours * HOUR)
    now = NOON + 3 * HOUR
    assert over_since(store, "not_landed", "orders", now) == NOON + HOUR
    assert over_since(store, "not_landed", "tickets", now) == now
    assert over_since(store, "stopped", "orders", now) is None


def test_all_of_a_tick_or_nothing(store: sqlite3.Connection) -> None:
    store.execute(
        "create trigger refuse before insert on messages when new.title like '%tickets%' "
        "begin select raise(abort, 'disk full'); end"
    )
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        tick(store, [problem("orders"), problem("tickets")], NOON)
    assert open_incidents(store) == []
    assert written(store) == []


def test_texts_that_cannot_be_stored_stop_nobody_from_being_told(store: sqlite3.Connection) -> None:
    tick(store, [problem("or\ud800ders\x00", title="\ud800 broken\nBcc: everyone"), problem("tickets")], NOON)
    tick(store, [problem("or\ud800ders\x00", title="\ud800 broken\nBcc: everyone"), problem("tickets")], NOON)
    assert written(store) == [
        "opened: [critical] broken Bcc: everyone",
        "opened: [critical] tickets: it has not landed",
    ]


def test_every_matching_channel_is_told_once_at_each_of_its_addresses(store: sqlite3.Connection) -> None:
    routes = (
        Route(channel="on_call", severity="critical"),
        Route(channel="on_call", kind="not_landed"),
        Route(channel="shop", owner="team:shop"),
        Route(channel="data_team", severity="warning"),
    )
    routing = EVERYTHING.model_copy(update={"routes": routes})
    channels = channels_to("on_call#1", "on_call#2", "shop#1", "data_team#1")
    tick(store, [problem(owners=["team:shop", "lead@example.com"])], NOON, routing=routing, channels=channels)
    addresses = [row["address"] for row in store.execute("select address from messages order by address")]
    assert addresses == ["on_call#1", "on_call#2", "shop#1"]

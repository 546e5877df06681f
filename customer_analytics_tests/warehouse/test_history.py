"""Volume, drift and scores over many days: what days know of each other, in one run or in many."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from customer_analytics.contracts.orders import Orders
from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics.warehouse.history import History, read_history
from customer_analytics_tests.scenario import DAY, MIXED_ORDERS, ORDERS, ORDERS_HEADER, TICKETS, Scene, source_of

SOURCE = source_of(Orders, "orders", SourcePolicy())
DAYS = [DAY + timedelta(days=offset) for offset in range(42)]
LAST = DAYS[-1]


def orders(day: date, count: int, amount: float = 10.0) -> str:
    """So many orders of as many customers, whose amounts go from half to one and a half times the amount."""
    return ORDERS_HEADER + "".join(
        f"O-{day}-{number},C-{number},{day} 09:00:00,{amount * (0.5 + number / count):.2f},paid\n"
        for number in range(count)
    )


def usual(day: date) -> str:
    return orders(day, 40 + round(3 * math.sin(day.toordinal())))


def land(scene: Scene, changed: Mapping[date, str] | None = None) -> None:
    for day in DAYS:
        scene.land(SOURCE, (changed or {}).get(day, usual(day)), day)


def outcomes(reports: Sequence[DayReport], check: str) -> dict[date, str]:
    return {report.day: found.outcome for report in reports for found in report.checks if found.check == check}


def odd_days(reports: Sequence[DayReport], check: str) -> list[date]:
    return [day for day, outcome in outcomes(reports, check).items() if outcome != "passed"]


def recorded(scene: Scene) -> list[tuple[Any, ...]]:
    return scene.all("select day, check_name, outcome, expected, found from quality.audits order by all")


def test_usual_days_do_not_warn(scene: Scene) -> None:
    land(scene)
    reports = scene.load(SOURCE, *DAYS)
    assert {report.state for report in reports} == {"published"}
    assert [odd_days(reports, check) for check in ("volume", "drift", "quality_score")] == [[], [], []]


def test_half_of_the_records_warn_are_published_and_score_half(scene: Scene) -> None:
    land(scene, {LAST: orders(LAST, 12)})
    reports = scene.load(SOURCE, *DAYS)
    assert odd_days(reports, "volume") == odd_days(reports, "quality_score") == [LAST]
    assert reports[-1].state == "published"
    [(score, parts)] = scene.all("select score, parts from quality.scores where delivery_day = ?", LAST)
    assert score == pytest.approx(parts["volume"]) == pytest.approx(12 / 40, abs=0.03)
    assert {part for part, value in parts.items() if value == 1} == {"uniqueness", "completeness", "validity", "schema"}


def test_amounts_in_another_unit_drift_and_are_published(scene: Scene) -> None:
    land(scene, {LAST: orders(LAST, 40, amount=1_000.0)})
    reports = scene.load(SOURCE, *DAYS)
    assert odd_days(reports, "drift") == [LAST]
    assert odd_days(reports, "volume") == []
    assert reports[-1].state == "published"
    [found] = [check.found for check in reports[-1].checks if check.check == "drift"]
    assert found.startswith("total_amount mean")


def test_a_column_for_which_more_is_set_aside_drifts(scene: Scene) -> None:
    spoilt = usual(LAST).replace(",paid", ",stolen", 15)
    land(scene, {LAST: spoilt})
    reports = scene.load(SOURCE, *DAYS)
    assert odd_days(reports, "drift") == [LAST]
    [quarantined] = scene.column(
        """select quarantined from quality.profiles where delivery_day = ? and "column" = 'status'""", LAST
    )
    assert quarantined == 15
    assert reports[-1].state == "published"


def test_loading_days_together_or_one_by_one_says_the_same(scene: Scene) -> None:
    changed = {DAYS[30]: orders(DAYS[30], 90), LAST: orders(LAST, 9, amount=1_000.0)}
    land(scene, changed)
    scene.load(SOURCE, *DAYS)
    together = recorded(scene)
    for table in ("sources.orders", "quality.audits", "quality.profiles", "quality.deliveries", "quality.scores"):
        scene.connection.execute(f"delete from {table}")
    for day in DAYS:
        scene.load(SOURCE, day)
    assert recorded(scene) == together
    assert {day for day, check, outcome, *_ in together if check == "volume" and outcome == "warned"} == {*changed}


def test_earlier_alarms_are_read_from_their_audits(scene: Scene) -> None:
    doubled = {day: orders(day, 90) for day in DAYS[-6:]}
    land(scene, doubled)
    for day in DAYS:
        scene.load(SOURCE, day)
    assert scene.column("select day from quality.audits where check_name = 'volume' and outcome = 'warned'") == [
        *doubled
    ]


def test_a_day_that_is_held_back_drifts_by_what_it_brings_though_it_was_published_before(scene: Scene) -> None:
    land(scene)
    scene.load(SOURCE, *DAYS)
    report = scene.deliver(SOURCE, usual(LAST).replace(",paid", ",stolen", 30), LAST)
    assert (report.state, odd_days([report], "drift")) == ("held_back", [LAST])


def test_a_day_that_is_held_back_is_nobodys_history_and_has_a_score(scene: Scene) -> None:
    wrong = ORDERS_HEADER + "".join(f"O-{n},,yesterday,a lot,paid\n" for n in range(40))
    land(scene, {DAYS[-2]: wrong})
    reports = scene.load(SOURCE, *DAYS)
    assert [report.state for report in reports[-2:]] == ["held_back", "published"]
    assert scene.column("select score from quality.scores where delivery_day = ?", DAYS[-2]) == [0]
    history = read_history(scene.connection, SOURCE, [LAST])
    assert DAYS[-2] not in history.records
    assert DAYS[-2] not in history.profiles


def test_another_source_is_nobodys_history(scene: Scene) -> None:
    scene.deliver(SOURCE, usual(DAYS[0]), DAYS[0])
    scene.deliver(SOURCE, ORDERS_HEADER, DAYS[1])
    history = read_history(scene.connection, SOURCE, DAYS[:2])
    assert set(history.records) == set(history.profiles) == {DAYS[0]}
    assert history.alarms["volume"] == {DAYS[1]}
    assert read_history(scene.connection, TICKETS, DAYS[:2]) == History({}, {}, {"volume": set(), "drift": set()})


def test_blank_lines_are_no_records_of_the_history(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    assert read_history(scene.connection, ORDERS, [DAY]).records == {DAY: 4}


def test_only_the_trailing_weeks_are_read(scene: Scene) -> None:
    land(scene)
    scene.load(SOURCE, *DAYS)
    later = DAYS[0] + timedelta(weeks=SOURCE.policy.volume.weeks, days=7)
    history = read_history(scene.connection, SOURCE, [later])
    assert min(history.records) == min(history.profiles) == DAYS[7]
    assert history.records[DAYS[7]] == len(usual(DAYS[7]).splitlines()) - 1


def test_a_delivery_that_cannot_be_read_has_no_score(scene: Scene) -> None:
    scene.deliver(ORDERS, orders(DAY, 5))
    assert scene.column("select score from quality.scores") == [1]
    scene.deliver(ORDERS, orders(DAY, 5).encode("utf-16"))
    assert scene.column("select score from quality.scores") == []

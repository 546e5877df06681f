"""Keys that stand under several days: the earliest day keeps one, in whatever order the days arrive."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from shutil import rmtree

import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.contracts.policy import Limit, SourcePolicy, VolumePolicy
from customer_analytics.contracts.source import Source
from customer_analytics.warehouse import load as load_module
from customer_analytics_tests.contracts.models import promise
from customer_analytics_tests.scenario import (
    DAY,
    LENIENT,
    NEXT_DAY,
    ORDERS,
    THIRD_DAY,
    Scene,
    new_warehouse,
    open_scene,
    orders_of,
    published_state,
)

DAYS = (DAY, NEXT_DAY, THIRD_DAY)
# A day with fewer than two records is held back, and one of which more than half are duplicates.
AT_LEAST_TWO = Source(
    "orders", ORDERS.contract, SourcePolicy(quarantine=Limit(warn=1, block=1), volume=VolumePolicy(minimum=2))
)


def test_a_key_goes_to_the_earliest_day_though_a_later_one_had_published_it(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    scene.land(ORDERS, orders_of(DAY, "O-1", "O-2"), DAY)
    early, late = scene.load(ORDERS, DAY)
    assert scene.day_of_each_order() == {"O-1": DAY, "O-2": DAY}
    assert (early.was_asked_for, late.was_asked_for, late.day) == (True, False, NEXT_DAY)
    pointers = scene.all("select delivery_day, reasons[1].rule, reasons[1].message from quality.quarantine")
    assert pointers == [(NEXT_DAY, "unique_across_days", "order_id belongs already to delivery day 2026-03-10")]


@pytest.mark.parametrize(("before", "after"), [(int, str), (str, int)])
def test_a_key_is_published_once_though_its_type_changed(scene: Scene, before: type, after: type) -> None:
    def source(kind: type, version: str) -> Source:
        return Source("things", promise({"thing_id": (kind, pa.Field(unique=True))}, version=version), LENIENT)

    def csv_of(*keys: int) -> str:
        return "thing_id,made_at\n" + "".join(f"{key},{DAY} 09:00:00\n" for key in keys)

    scene.deliver(source(before, "1.0.0"), csv_of(9, 10, 11))
    scene.deliver(source(after, "2.0.0"), csv_of(10, 100), NEXT_DAY)
    published = scene.all("select thing_id::bigint, delivery_day from sources.things order by 1")
    assert published == [(9, DAY), (10, DAY), (11, DAY), (100, NEXT_DAY)]


def test_a_key_that_a_correction_frees_is_taken_back_by_the_other_day(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(DAY, "O-1", "O-2"), DAY)
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-3"), NEXT_DAY)
    assert scene.day_of_each_order() == {"O-1": DAY, "O-2": DAY, "O-3": NEXT_DAY}
    scene.deliver(ORDERS, orders_of(DAY, "O-2"), DAY)
    assert scene.day_of_each_order() == {"O-1": NEXT_DAY, "O-2": DAY, "O-3": NEXT_DAY}
    assert scene.all("select * from quality.quarantine") == []


def test_a_later_day_whose_delivery_is_gone_keeps_the_key(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    for file in (scene.root / "orders" / NEXT_DAY.isoformat()).iterdir():
        file.unlink()
    scene.deliver(ORDERS, orders_of(DAY, "O-1", "O-2"), DAY)
    assert scene.day_of_each_order() == {"O-1": NEXT_DAY, "O-2": DAY}
    assert scene.column("select delivery_day from quality.quarantine") == [DAY]


def test_every_reason_names_the_day_that_keeps_the_key_though_its_delivery_is_gone(scene: Scene) -> None:
    folder = scene.land(ORDERS, orders_of(THIRD_DAY, "O-1"), THIRD_DAY)
    scene.load(ORDERS, THIRD_DAY)
    rmtree(folder)
    for day in (DAY, NEXT_DAY):
        scene.land(ORDERS, orders_of(day, "O-1"), day)
    scene.load(ORDERS, DAY, NEXT_DAY)
    reasons = scene.column("select reasons[1].message from quality.quarantine")
    assert reasons == [f"order_id belongs already to delivery day {THIRD_DAY}"] * 2


def test_the_earliest_of_days_that_are_loaded_together_takes_a_key_from_a_day_between_them(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    for day in (DAY, THIRD_DAY):
        scene.land(ORDERS, orders_of(day, "O-1"), day)
    scene.load(ORDERS, DAY, THIRD_DAY)
    assert scene.day_of_each_order() == {"O-1": DAY}


def test_only_so_many_other_days_are_judged_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "LINKED_DAYS", 1)
    scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    scene.deliver(ORDERS, orders_of(THIRD_DAY, "O-2"), THIRD_DAY)
    scene.land(ORDERS, orders_of(DAY, "O-1", "O-2"), DAY)
    assert [report.day for report in scene.load(ORDERS, DAY)] == [DAY, NEXT_DAY]
    assert scene.day_of_each_order() == {"O-1": DAY, "O-2": THIRD_DAY}


ORDERS_OF_ARRIVAL: list[Sequence[Sequence[date]]] = [
    [DAYS],
    *([[first], [second], [third]] for first, second, third in (DAYS, DAYS[::-1])),
    *([[day], [other for other in DAYS if other != day]] for day in DAYS),
]
KEYS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3)


@settings(max_examples=4, deadline=None, derandomize=True, database=None)
@given(delivered=st.fixed_dictionaries(dict.fromkeys(DAYS, KEYS)))
def test_whatever_the_order_of_arrival_the_same_is_published(
    tmp_path_factory: pytest.TempPathFactory, delivered: Mapping[date, list[str]]
) -> None:
    first, *others = (loaded(tmp_path_factory.mktemp("order"), delivered, order) for order in ORDERS_OF_ARRIVAL)
    for other in others:
        assert other == first


def loaded(folder: Path, delivered: Mapping[date, list[str]], order: Sequence[Sequence[date]]) -> object:
    """What is published and set aside after the days arrived, some of them together."""
    with open_scene(folder, new_warehouse()) as scene:
        for days in order:
            for day in days:
                scene.land(ORDERS, orders_of(day, *delivered[day]), day)
            scene.load(ORDERS, *days)
        state = published_state(scene.connection)
        return state[ORDERS.table], state['quality."quarantine"']


def test_of_days_that_are_loaded_together_the_earlier_keeps_a_key(scene: Scene) -> None:
    for day in (DAY, NEXT_DAY, THIRD_DAY):
        scene.land(ORDERS, orders_of(day, "O-1", f"O-{day}"), day)
    scene.load(ORDERS, THIRD_DAY, NEXT_DAY, DAY)
    assert scene.day_of_each_order()["O-1"] == DAY
    assert scene.column("select delivery_day from quality.quarantine order by 1") == [NEXT_DAY, THIRD_DAY]


def test_a_day_that_is_loaded_again_does_not_stand_in_its_own_way(scene: Scene) -> None:
    scene.deliver(ORDERS, orders_of(DAY, "O-1"))
    scene.deliver(ORDERS, orders_of(DAY, "O-1", "O-2"))
    assert scene.day_of_each_order() == {"O-1": DAY, "O-2": DAY}


def test_a_day_that_is_held_back_does_not_stand_in_its_own_way(scene: Scene) -> None:
    scene.deliver(AT_LEAST_TWO, orders_of(DAY, "O-1", "O-3"), DAY)
    scene.deliver(AT_LEAST_TWO, orders_of(NEXT_DAY, "O-2", "O-4"), NEXT_DAY)
    scene.deliver(AT_LEAST_TWO, orders_of(DAY, "O-3"), DAY)
    assert scene.column("select _reasons from judged") == [[]]


def test_a_bad_record_keeps_no_key_from_another_day(scene: Scene) -> None:
    scene.land(ORDERS, orders_of(DAY, "O-1", status="no"), DAY)
    scene.land(ORDERS, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    scene.load(ORDERS, DAY, NEXT_DAY)
    assert scene.day_of_each_order() == {"O-1": NEXT_DAY}


def test_a_day_that_is_held_back_keeps_no_new_key(scene: Scene) -> None:
    scene.land(AT_LEAST_TWO, orders_of(DAY, "O-1"), DAY)
    scene.land(AT_LEAST_TWO, orders_of(NEXT_DAY, "O-1", "O-2"), NEXT_DAY)
    scene.load(AT_LEAST_TWO, DAY, NEXT_DAY)
    assert scene.day_of_each_order() == {"O-1": NEXT_DAY, "O-2": NEXT_DAY}
    assert scene.all("select * from quality.quarantine") == []


def test_a_day_that_is_held_back_keeps_the_keys_that_it_has_published(scene: Scene) -> None:
    scene.deliver(AT_LEAST_TWO, orders_of(NEXT_DAY, "O-1", "O-2"), NEXT_DAY)
    scene.land(AT_LEAST_TWO, orders_of(NEXT_DAY, "O-1"), NEXT_DAY)
    scene.land(AT_LEAST_TWO, orders_of(DAY, "O-1", "O-3", "O-4"), DAY)
    reports = scene.load(AT_LEAST_TWO, DAY, NEXT_DAY)
    assert [report.state for report in reports] == ["published", "held_back"]
    assert scene.all("select order_id, delivery_day from sources.orders order by all") == [
        ("O-1", NEXT_DAY),
        ("O-2", NEXT_DAY),
        ("O-3", DAY),
        ("O-4", DAY),
    ]


def test_a_day_is_not_held_back_for_keys_of_a_day_that_is_held_back_itself(scene: Scene) -> None:
    days = [DAY + timedelta(days=offset) for offset in range(4)]
    scene.land(AT_LEAST_TWO, orders_of(days[0], "1", "2", "3"), days[0])
    scene.land(AT_LEAST_TWO, orders_of(days[1], "1", "2", "3", "4", "5"), days[1])  # Three of five are of days[0].
    scene.land(AT_LEAST_TWO, orders_of(days[2], "4", "5", "6"), days[2])  # Two of three would be of days[1].
    scene.land(AT_LEAST_TWO, orders_of(days[3], "4", "5", "6", "7"), days[3])  # Three of four are of days[2].
    reports = scene.load(AT_LEAST_TWO, *days)
    assert [report.state for report in reports] == ["published", "held_back", "published", "held_back"]
    assert scene.day_of_each_order() == dict.fromkeys("123", days[0]) | dict.fromkeys("456", days[2])
    assert (
        reports[1].message
        == "orders 2026-03-11: uniqueness: 3 by rule unique_across_days, expected ≤ 0.00%, never above 50.00%"
    )


def test_no_key_is_published_twice_whatever_is_held_back(scene: Scene) -> None:
    days = [DAY + timedelta(days=offset) for offset in range(3)]
    scene.land(AT_LEAST_TWO, orders_of(days[0], "O-1"), days[0])  # Blocked: too few.
    scene.land(AT_LEAST_TWO, orders_of(days[1], "O-1", "O-2"), days[1])
    scene.land(AT_LEAST_TWO, orders_of(days[2], "O-1", "O-2", "O-3"), days[2])  # Blocked: two belong to day 1.
    assert [report.state for report in scene.load(AT_LEAST_TWO, *days)] == ["held_back", "published", "held_back"]
    assert scene.day_of_each_order() == {"O-1": days[1], "O-2": days[1]}

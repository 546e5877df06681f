"""The contracts under which days were loaded: one record a version, held to semantic versioning, readable for good."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from customer_analytics.contracts.contract import Column
from customer_analytics.contracts.source import Source
from customer_analytics.warehouse.contracts import record_contract, recorded_contract, recorded_versions
from customer_analytics.warehouse.errors import WarehouseError
from customer_analytics.warehouse.transaction import transaction
from customer_analytics_tests.contracts.models import promise, text
from customer_analytics_tests.scenario import LATER, NOW, ORDERS, TICKETS, Scene

NOTE = Column("note", "varchar", nullable=True, description="What was said", checks=())
REASON = Column("reason", "varchar", nullable=False, description="Why", checks=())


def orders(version: str, *added: Column) -> Source:
    """Orders under another version, with columns added."""
    columns = (*ORDERS.contract.columns, *added)
    return replace(ORDERS, contract=replace(ORDERS.contract, version=version, columns=columns))


def reworded_orders() -> Source:
    """Orders with other words for the key."""
    key, *others = ORDERS.contract.columns
    columns = (replace(key, description="The number of the order"), *others)
    return replace(ORDERS, contract=replace(ORDERS.contract, columns=columns))


def record(scene: Scene, source: Source, now: datetime = NOW) -> None:
    with transaction(scene.connection):
        record_contract(scene.connection, source, now)


def recorded(scene: Scene) -> list[tuple[Any, ...]]:
    return scene.all("select source, version, fingerprint, recorded_at from quality.contracts order by all")


def refusal(scene: Scene, source: Source) -> str:
    """Why a contract is refused; nothing is recorded then."""
    before = recorded(scene)
    with pytest.raises(WarehouseError) as refused:
        record(scene, source)
    assert recorded(scene) == before
    return str(refused.value)


def test_the_first_contract_is_recorded_once_and_read_back(scene: Scene) -> None:
    record(scene, ORDERS)
    record(scene, ORDERS, LATER)
    record(scene, TICKETS, LATER)
    assert recorded(scene) == [
        ("orders", "1.0.0", ORDERS.contract.fingerprint, NOW),
        ("support_tickets", "1.0.0", TICKETS.contract.fingerprint, LATER),
    ]
    assert recorded_contract(scene.connection, "orders", "1.0.0") == ORDERS.contract


def test_an_old_contract_stays_readable_beside_the_new_one(scene: Scene) -> None:
    newer = orders("1.1.0", NOTE)
    record(scene, ORDERS)
    record(scene, newer, LATER)
    assert recorded_contract(scene.connection, "orders", "1.0.0") == ORDERS.contract
    assert recorded_contract(scene.connection, "orders", "1.1.0") == newer.contract


def test_versions_are_listed_and_compared_as_numbers(scene: Scene) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        record(scene, orders(version))
    assert recorded_versions(scene.connection, "orders") == ["1.2.0", "1.9.0", "1.10.0"]
    assert recorded_versions(scene.connection, "support_tickets") == []
    assert "raise the version to at least 1.11.0" in refusal(scene, orders("1.9.1", NOTE)).lower()


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "0.5.0"])
def test_a_change_that_its_version_does_not_say_is_refused_with_a_remedy(scene: Scene, version: str) -> None:
    record(scene, ORDERS)
    words = refusal(scene, orders(version, NOTE))
    assert "orders was not loaded: " in words
    assert f"Orders {version} is not what 1.0.0 promised (minor: note is added, varchar, nullable)" in words
    assert "Raise the version to at least 1.1.0." in words
    assert "at least 2.0.0" in refusal(scene, orders(version, REASON))


def test_a_version_is_held_to_its_own_record_and_not_to_the_latest(scene: Scene) -> None:
    record(scene, ORDERS)
    record(scene, orders("2.0.0", REASON))
    assert "Orders 1.0.0 is not what 1.0.0 promised" in refusal(scene, orders("1.0.0", REASON))


def test_going_back_to_a_recorded_version_is_fine(scene: Scene) -> None:
    record(scene, ORDERS)
    record(scene, orders("2.0.0", REASON))
    before = recorded(scene)
    record(scene, ORDERS, LATER)
    assert recorded(scene) == before


def test_going_back_to_a_version_that_was_never_recorded_is_refused(scene: Scene) -> None:
    record(scene, orders("2.0.0", REASON))
    assert "raise the version to at least 3.0.0" in refusal(scene, ORDERS).lower()


def test_other_words_under_the_same_version_replace_the_record(scene: Scene) -> None:
    record(scene, ORDERS)
    reworded = reworded_orders()
    record(scene, reworded, LATER)
    assert recorded(scene) == [("orders", "1.0.0", reworded.contract.fingerprint, LATER)]
    assert recorded_contract(scene.connection, "orders", "1.0.0") == reworded.contract


def test_what_cannot_be_written_down_is_refused(scene: Scene) -> None:
    odd = Source("things", promise({"extra": text(eq=1j)}), ORDERS.policy)
    assert "things was not loaded: " in refusal(scene, odd)


def test_a_version_that_is_not_recorded_is_refused_with_those_that_are(scene: Scene) -> None:
    with pytest.raises(WarehouseError, match=r"orders has no recorded contract 1\.0\.0\. Recorded are: none"):
        recorded_contract(scene.connection, "orders", "1.0.0")
    record(scene, ORDERS)
    record(scene, orders("1.1.0", NOTE))
    with pytest.raises(WarehouseError, match=r"no recorded contract 3\.0\.0. Recorded are: 1\.0\.0, 1\.1\.0\."):
        recorded_contract(scene.connection, "orders", "3.0.0")


def test_a_record_that_was_spoiled_is_named(scene: Scene) -> None:
    record(scene, ORDERS)
    scene.connection.execute("update quality.contracts set document = 'apiVersion: v2.2.2'")
    with pytest.raises(WarehouseError, match=r"recorded contract 1\.0\.0 of orders cannot be read: apiVersion"):
        recorded_contract(scene.connection, "orders", "1.0.0")

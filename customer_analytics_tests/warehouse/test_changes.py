"""What a republication changed, exactly and for as long as it may be known."""

from datetime import date, timedelta
from typing import Any

import pytest

from customer_analytics.landing.folder import LandingArea
from customer_analytics.reporting.diff import ChangedRecord, latest_changes
from customer_analytics.reporting.quarantine import count_quarantine, read_quarantine
from customer_analytics.warehouse.changes import Changes
from customer_analytics_tests.bad_input.records import lenient
from customer_analytics_tests.scenario import (
    CLEAN_ORDERS,
    CORRECTED_ORDERS,
    DAY,
    LATER,
    MIXED_ORDERS,
    NEXT_DAY,
    NOW,
    ORDERS,
    ORDERS_HEADER,
    STRICT_ORDERS,
    TICKETS,
    WRONG_ORDERS,
    Scene,
    orders_of,
)

TICKET = (
    '{{"ticket_id": "{0}", "customer_id": "C-1", "created_date": "2026-03-10T09:00:00", "category": "login", '
    '"priority": "low", "resolved_date": {1}}}\n'
)
OPEN, RESOLVED = "null", '"2026-03-10T10:00:00+01:00"'


def republish(scene: Scene, content: str, number: int = 2, day: date = DAY) -> Changes | None:
    """Deliver orders again and load them, an hour later each time."""
    scene.land(ORDERS, content, day)
    [report, *_] = scene.load(ORDERS, day, run_id=f"run-{number}", now=NOW + timedelta(hours=number))
    assert report.state == "published"
    return report.changes


def latest(scene: Scene, day: date = DAY) -> list[ChangedRecord]:
    return latest_changes(scene.connection, "orders", day)


def brief(changes: list[ChangedRecord]) -> list[tuple[Any, ...]]:
    return [(each.key, each.change, each.before, each.after) for each in changes]


class TestDiff:
    """Record by record, what a day's republication did."""

    def test_a_changed_record_has_the_values_that_differ_before_and_after(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        assert republish(scene, CORRECTED_ORDERS) == Changes(added=0, removed=0, changed=1)
        assert latest(scene) == [
            ChangedRecord(
                "O-2",
                "changed",
                {"total_amount": "25.50"},
                {"total_amount": "26.50"},
                "run-2",
                NOW + timedelta(hours=2),
            )
        ]

    def test_added_and_removed_records_have_all_their_values(self, scene: Scene) -> None:
        scene.deliver(ORDERS, orders_of(DAY, "O-1", "O-2"))
        assert republish(scene, orders_of(DAY, "O-2", "O-3")) == Changes(added=1, removed=1, changed=0)
        values = {"customer_id": "C-1", "order_date": f"{DAY} 09:00:00", "total_amount": "10.00", "status": "paid"}
        assert brief(latest(scene)) == [
            ("O-1", "removed", {"order_id": "O-1"} | values, {}),
            ("O-3", "added", {}, {"order_id": "O-3"} | values),
        ]

    def test_a_value_that_comes_or_goes_is_null_on_the_other_side(self, scene: Scene) -> None:
        for first, second in ((OPEN, RESOLVED), (RESOLVED, OPEN)):
            scene.deliver(TICKETS, {"tickets.jsonl": TICKET.format("T-1", first) + TICKET.format("T-2", second)})
        assert brief(latest_changes(scene.connection, "support_tickets", DAY)) == [
            ("T-1", "changed", {"resolved_date": None}, {"resolved_date": "2026-03-10 09:00:00"}),
            ("T-2", "changed", {"resolved_date": "2026-03-10 09:00:00"}, {"resolved_date": None}),
        ]

    def test_each_day_of_a_load_has_its_own(self, scene: Scene) -> None:
        for day in (DAY, NEXT_DAY):
            scene.deliver(ORDERS, orders_of(day, f"O-{day}"), day)
            scene.land(ORDERS, orders_of(day, f"N-{day}"), day)
        reports = scene.load(ORDERS, DAY, NEXT_DAY, run_id="run-2", now=LATER)
        assert [report.changes for report in reports] == [Changes(added=1, removed=1)] * 2
        for day in (DAY, NEXT_DAY):
            assert [(each.key, each.change) for each in latest(scene, day)] == [
                (f"N-{day}", "added"),
                (f"O-{day}", "removed"),
            ]

    def test_each_source_of_a_run_has_its_own(self, scene: Scene) -> None:
        for content in (CLEAN_ORDERS, CORRECTED_ORDERS):
            scene.deliver(ORDERS, content)
        scene.deliver(TICKETS, {"tickets.jsonl": TICKET.format("T-1", OPEN)})
        report = scene.deliver(TICKETS, {"tickets.jsonl": TICKET.format("T-1", RESOLVED)})
        assert report.changes == Changes(changed=1)

    def test_a_record_that_goes_bad_is_removed_and_one_that_is_mended_is_added(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        republish(scene, MIXED_ORDERS.replace("$1.50", "1.50").replace("O-4,C-3,", "O-4,,"))
        assert [(each.key, each.change) for each in latest(scene)] == [("O-3", "added"), ("O-4", "removed")]

    def test_a_day_that_becomes_empty_has_lost_every_record(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        assert republish(scene, ORDERS_HEADER) == Changes(removed=3)
        assert {each.change for each in latest(scene)} == {"removed"}

    def test_a_key_that_moves_to_an_earlier_day_is_a_removal_there(self, scene: Scene) -> None:
        scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-2"), NEXT_DAY)
        scene.land(ORDERS, orders_of(DAY, "O-1"), DAY)
        _, linked = scene.load(ORDERS, DAY, run_id="run-2", now=LATER)
        assert linked.changes == Changes(removed=1)
        assert [(each.key, each.change, each.run_id) for each in latest(scene, NEXT_DAY)] == [
            ("O-1", "removed", "run-2")
        ]


class TestNothingToShow:
    """No change, no entry."""

    def test_a_first_publication_is_no_change(self, scene: Scene) -> None:
        report = scene.deliver(ORDERS, CLEAN_ORDERS)
        assert report.changes is None
        assert scene.all("from quality.changes") == []

    def test_identical_content_is_no_change_however_it_is_written(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        header, *lines = CLEAN_ORDERS.splitlines()
        assert republish(scene, "\r\n".join([header.upper(), *reversed(lines)]).replace(",paid", ', "paid" ')) is None
        assert scene.all("from quality.changes") == []

    def test_a_day_that_is_held_back_changes_nothing(self, scene: Scene) -> None:
        scene.deliver(STRICT_ORDERS, CLEAN_ORDERS)
        report = scene.deliver(STRICT_ORDERS, WRONG_ORDERS)
        assert (report.state, report.changes) == ("held_back", None)
        assert scene.all("from quality.changes") == []

    def test_only_what_is_set_aside_differs(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        assert republish(scene, MIXED_ORDERS.replace("$1.50", "$2.50")) is None
        assert latest(scene) == []


class TestLatest:
    """Of several republications the latest that changed something is shown."""

    def test_only_the_latest_is_shown_though_all_are_kept(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        republish(scene, CORRECTED_ORDERS, 2)
        republish(scene, CORRECTED_ORDERS.replace("O-3,C-1", "O-3,C-4"), 3)
        assert brief(latest(scene)) == [("O-3", "changed", {"customer_id": "C-1"}, {"customer_id": "C-4"})]
        assert scene.column("select run_id from quality.changes order by changed_at") == ["run-2", "run-3"]

    def test_one_that_changed_nothing_hides_none(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        republish(scene, CORRECTED_ORDERS, 2)
        republish(scene, CORRECTED_ORDERS, 3)
        assert [each.run_id for each in latest(scene)] == ["run-2"]

    def test_another_day_or_source_is_not_shown(self, scene: Scene) -> None:
        scene.deliver(ORDERS, CLEAN_ORDERS)
        republish(scene, CORRECTED_ORDERS, 2)
        assert latest(scene, NEXT_DAY) == []
        assert latest_changes(scene.connection, "support_tickets", DAY) == []


class TestRetention:
    """After ``retention_days`` the values are erased, and nothing else."""

    SOURCE = lenient(ORDERS, retention_days=30)
    END = NOW + timedelta(days=30)

    @pytest.fixture
    def republished(self, scene: Scene) -> Scene:
        """A day with two bad records that was republished with a change, both at NOW."""
        for content in (MIXED_ORDERS, MIXED_ORDERS.replace("7.25", "8.25").replace("O-1,", "O-9,")):
            scene.deliver(self.SOURCE, content)
        return scene

    def test_values_are_erased_while_places_reasons_keys_and_counts_stay(self, republished: Scene) -> None:
        kept = (
            "select file, line, byte_offset, reasons, contract_version, run_id, quarantined_at from quality.quarantine",
            "select delivery_day, key, change, run_id, changed_at from quality.changes order by key",
            "from quality.deliveries",
            "from quality.audits",
            "from sources.orders",
        )
        before = [republished.all(query) for query in kept]
        republished.load(self.SOURCE, NEXT_DAY, now=self.END + timedelta(seconds=1))
        assert [republished.all(query) for query in kept] == before
        assert republished.all("select raw, cells from quality.quarantine") == [(None, None)] * 2
        assert republished.all("select before, after from quality.changes") == [(None, None)] * 3

    def test_judging_a_day_again_brings_nothing_back(self, republished: Scene) -> None:
        republished.load(self.SOURCE, now=self.END + timedelta(days=1))
        assert republished.all("select raw, cells from quality.quarantine") == [(None, None)] * 2

    def test_every_record_is_still_accounted_for(self, republished: Scene) -> None:
        republished.load(self.SOURCE, NEXT_DAY, now=self.END + timedelta(days=1))
        ledger = republished.ledger(self.SOURCE)
        assert ledger is not None
        assert ledger["records"] == ledger["accepted"] + ledger["quarantined"] + ledger["ignored"]
        assert ledger["quarantined"] == sum(each.records for each in count_quarantine(republished.connection, "orders"))
        assert republished.audits(self.SOURCE)["reconciliation"] == "passed"

    def test_what_is_shown_says_that_it_was_erased(self, republished: Scene) -> None:
        republished.load(self.SOURCE, NEXT_DAY, now=self.END + timedelta(days=1))
        records = read_quarantine(republished.connection, LandingArea(republished.root), self.SOURCE, DAY)
        assert [(record.line, record.raw, record.raw_sha256, record.cells) for record in records] == [
            (3, None, None, None),
            (5, None, None, None),
        ]
        assert {(each.before is None, each.after is None) for each in latest(republished)} == {(True, True)}

    def test_until_then_nothing_is_touched(self, republished: Scene) -> None:
        tables = ("quality.quarantine", "quality.changes")
        before = [republished.all(f"from {table} order by all") for table in tables]
        republished.load(self.SOURCE, NEXT_DAY, now=self.END)
        assert [republished.all(f"from {table} order by all") for table in tables] == before

    def test_younger_records_and_other_sources_keep_their_values(self, republished: Scene) -> None:
        republished.land(self.SOURCE, orders_of(NEXT_DAY, "O-5", status="lost"), NEXT_DAY)
        republished.load(self.SOURCE, NEXT_DAY, now=self.END)
        republished.deliver(TICKETS, {"tickets.jsonl": TICKET.format("T-1", '"soon"')})
        republished.load(self.SOURCE, NEXT_DAY + timedelta(days=1), now=self.END + timedelta(days=1))
        kept = republished.all("select source, delivery_day from quality.quarantine where raw is not null order by all")
        assert kept == [("orders", NEXT_DAY), ("support_tickets", DAY)]

    def test_without_a_retention_values_stay(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        scene.load(ORDERS, NEXT_DAY, now=NOW + timedelta(days=36_500))
        assert None not in scene.column("select raw from quality.quarantine")

    def test_values_of_released_records_are_erased_too(self, scene: Scene) -> None:
        scene.deliver(self.SOURCE, MIXED_ORDERS)
        scene.connection.execute("update quality.quarantine set released_at = ? where line = 3", [NOW])
        scene.load(self.SOURCE, NEXT_DAY, now=self.END + timedelta(days=1))
        assert scene.all("select raw, cells from quality.quarantine") == [(None, None)] * 2

"""Correcting what was set aside and loading the day again: it ends as if the delivery had been right from the start."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from customer_analytics.contracts.contract import Check
from customer_analytics.contracts.source import Source
from customer_analytics.landing.corrections import Correction, corrections_file, write_corrections
from customer_analytics.landing.folder import LandingArea
from customer_analytics.metrics.as_of import compute_customer_lifetime_value, stale_days
from customer_analytics.metrics.at_risk.compute import compute_at_risk_customers
from customer_analytics.reporting.corrections import add_corrections
from customer_analytics.reporting.quarantine import read_quarantine
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics.warehouse.transaction import transaction
from customer_analytics_tests.bad_input.records import parquet
from customer_analytics_tests.scenario import (
    CLEAN_ORDERS,
    DAY,
    LATER,
    MIXED_ORDERS,
    NEXT_DAY,
    NOW,
    ORDERS,
    ORDERS_HEADER,
    STRICT_ORDERS,
    THIRD_DAY,
    TICKETS,
    WRONG_ORDERS,
    Scene,
    open_at,
    orders_of,
    published_state,
)

Corrected = Mapping[int, Mapping[str, str]]

# What makes good records of the bad ones of MIXED_ORDERS, by line.
MENDED: Corrected = {3: {"customer_id": "C-2"}, 5: {"total_amount": "1.50"}}
MENDED_ORDERS = MIXED_ORDERS.replace("O-2,,", "O-2,C-2,").replace("$1.50", "1.50")

GOOD_TICKET = (
    '{"ticket_id": "T-1", "customer_id": "C-1", "created_date": "2026-03-10T09:00:00", "category": "login", '
    '"priority": "low", "resolved_date": null}'
)


def correct(scene: Scene, source: Source, corrected: Corrected, day: date = DAY) -> Path:
    """Say what stands in place of quarantined records, by line; cells that are not named stay as they were judged."""
    quarantined = {record.line: record for record in quarantine(scene, source, day)}
    path = corrections_file(scene.root, source.name, day)
    corrections = []
    for line, cells in corrected.items():
        record = quarantined[line]
        before = {column: (record.cells or {}).get(column) or "" for column in source.contract.column_names}
        corrections.append(Correction(record.file, line, record.raw_sha256 or "", before | dict(cells)))
    add_corrections(path, source, corrections)
    return path


def replay(scene: Scene, source: Source, corrected: Corrected, day: date = DAY) -> DayReport:
    """Correct records of a day, then load it again."""
    correct(scene, source, corrected, day)
    return scene.load(source, day, run_id="run-2", now=LATER)[0]


def quarantine(scene: Scene, source: Source, day: date = DAY) -> list[Any]:
    return read_quarantine(scene.connection, LandingArea(scene.root), source, day)


def standing(scene: Scene) -> list[tuple[Any, ...]]:
    """Line, raw text and rules of what stands in quarantine."""
    rows = scene.all(
        """select line, raw, list_transform(reasons, lambda reason: reason.rule) from quality.quarantine
           where released_at is null order by delivery_day, line"""
    )
    return [(line, raw and raw.decode(), rules) for line, raw, rules in rows]


def released(scene: Scene) -> list[tuple[Any, ...]]:
    """Line, rules and time of what corrections have released."""
    return scene.all(
        """select line, list_transform(reasons, lambda reason: reason.rule), released_at from quality.quarantine
           where released_at is not null order by delivery_day, line"""
    )


def outcome(scene: Scene, source: Source) -> dict[str, list[tuple[Any, ...]]]:
    """What readers and auditors see of a source, but for who did it when, from which files, and how often."""
    return {
        "table": scene.all(f"from {source.table} order by all"),
        "ledger": scene.all(
            """select delivery_day, records, accepted, quarantined, ignored, content_hash, contract_version
               from quality.deliveries where source = ? order by all""",
            source.name,
        ),
        "profiles": scene.all("from quality.profiles where source = ? order by all", source.name),
        "audits": scene.all(
            """select day, check_name, outcome, expected, found from quality.audits
               where dataset = ? and check_name <> 'on_time' order by all""",
            source.name,
        ),
        "quarantine": scene.all(
            """select delivery_day, file, line, byte_offset, raw, reasons, cells from quality.quarantine
               where source = ? and released_at is null order by all""",
            source.name,
        ),
    }


def outcome_of(folder: Path, source: Source, files: Mapping[str, str | bytes] | str, day: date = DAY) -> Any:
    """What a clean load of these files ends in."""
    with open_at(folder / "warehouse.duckdb") as connection:
        scene = Scene(folder, connection)
        scene.deliver(source, files, day)
        return outcome(scene, source)


def orders_allowing(*statuses: str) -> Source:
    """Orders whose statuses are those promised now and these."""
    *others, status = ORDERS.contract.columns
    [check] = status.checks
    [(name, allowed)] = check.parameters
    looser = replace(status, checks=(Check(check.name, ((name, [*allowed, *statuses]),)),))
    return replace(ORDERS, contract=replace(ORDERS.contract, version="1.1.0", columns=(*others, looser)))


def test_mended_and_replayed_a_day_is_as_if_it_had_been_delivered_right(scene: Scene, tmp_path: Path) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    report = replay(scene, ORDERS, MENDED)
    assert (report.state, report.changes and report.changes.added) == ("published", 2)
    assert outcome(scene, ORDERS) == outcome_of(tmp_path / "clean", ORDERS, MENDED_ORDERS)
    assert scene.ledger(ORDERS) == {"records": 5, "accepted": 4, "quarantined": 0, "ignored": 1, "revision": 2}


def test_what_was_released_stays_as_history_with_its_reasons_and_its_raw_bytes(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    replay(scene, ORDERS, MENDED)
    assert released(scene) == [(3, ["not_null"], LATER), (5, ["type"], LATER)]
    assert scene.column("select raw::varchar from quality.quarantine order by line") == [
        "O-2,,2026-03-10 10:30:00,25.50,delivered",
        "O-3,C-1,2026-03-10 11:00:00,$1.50,paid",
    ]
    assert scene.column("select cells['total_amount'] from quality.quarantine order by line") == ["25.50", "$1.50"]


def test_replaying_twice_is_as_replaying_once(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    correct(scene, ORDERS, MENDED)
    scene.load(ORDERS, run_id="run-2", now=LATER)
    once = published_state(scene.connection)
    [report] = scene.load(ORDERS, run_id="run-3", now=LATER)
    assert published_state(scene.connection) == once
    assert report.changes is None


def test_a_replay_without_corrections_and_under_the_same_rules_changes_nothing(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    before = published_state(scene.connection)
    scene.load(ORDERS, run_id="run-2", now=LATER)
    assert published_state(scene.connection) == before


def test_one_record_can_be_mended_now_and_another_later(scene: Scene, tmp_path: Path) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    replay(scene, ORDERS, {3: MENDED[3]})
    assert standing(scene) == [(5, "O-3,C-1,2026-03-10 11:00:00,$1.50,paid", ["type"])]
    replay(scene, ORDERS, {5: MENDED[5]})
    assert outcome(scene, ORDERS) == outcome_of(tmp_path / "clean", ORDERS, MENDED_ORDERS)
    assert [line for line, _, _ in released(scene)] == [3, 5]


def test_a_correction_that_is_bad_itself_stays_set_aside_with_its_new_reasons_and_the_delivered_bytes(
    scene: Scene,
) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    replay(scene, ORDERS, {3: {"customer_id": "C-2", "status": "lost", "total_amount": "12.345"}})
    assert standing(scene) == [
        (3, "O-2,,2026-03-10 10:30:00,25.50,delivered", ["type", "isin"]),
        (5, "O-3,C-1,2026-03-10 11:00:00,$1.50,paid", ["type"]),
    ]
    assert released(scene) == []
    [cells] = scene.column("select cells from quality.quarantine where line = 3")
    assert (cells["customer_id"], cells["status"], cells["total_amount"]) == ("C-2", "lost", "12.345")
    replay(scene, ORDERS, {3: {"status": "paid", "total_amount": "12.34"}})
    assert [row[1] for row in scene.orders()] == ["O-1", "O-2", "O-4"]
    assert released(scene) == [(3, ["not_null"], LATER)]


def test_cells_of_a_correction_are_read_as_delivered_ones(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    replay(scene, ORDERS, {3: {"customer_id": "  C-2 "}, 5: {"total_amount": "1.5", "customer_id": " NULL"}})
    assert scene.orders()[1][2] == "C-2"
    assert [(line, rules) for line, _, rules in standing(scene)] == [(5, ["not_null"])]


def test_taking_the_corrections_away_takes_back_what_they_did(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    before = outcome(scene, ORDERS)
    path = correct(scene, ORDERS, MENDED)
    scene.load(ORDERS, run_id="run-2", now=LATER)
    path.unlink()
    scene.load(ORDERS, run_id="run-3", now=LATER)
    assert outcome(scene, ORDERS) == before
    assert released(scene) == []


def test_corrections_are_part_of_the_delivery_so_that_they_are_noticed(scene: Scene) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    area = LandingArea(scene.root)
    before, signature = area.open("orders", DAY).fingerprint, area.signature("orders", DAY)
    correct(scene, ORDERS, MENDED)
    assert area.open("orders", DAY).fingerprint != before
    assert area.signature("orders", DAY) != signature
    scene.load(ORDERS)
    assert scene.column("select fingerprint from quality.deliveries") == [area.open("orders", DAY).fingerprint]


class TestDaysTogether:
    """Corrections are for one day each, though days are loaded together."""

    def test_two_days_are_corrected_at_the_same_place(self, scene: Scene) -> None:
        for day in (DAY, NEXT_DAY):
            scene.deliver(ORDERS, orders_of(day, f"O-{day}", status="lost"), day)
            correct(scene, ORDERS, {2: {"status": "paid"}}, day)
        scene.load(ORDERS, DAY, NEXT_DAY)
        assert scene.day_of_each_order() == {f"O-{day}": day for day in (DAY, NEXT_DAY)}

    def test_a_day_that_is_refused_takes_no_correction_from_another(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        correct(scene, ORDERS, MENDED)
        scene.land(ORDERS, orders_of(NEXT_DAY - timedelta(days=9), "O-5"), NEXT_DAY)
        mended, refused = sorted(scene.load(ORDERS, DAY, NEXT_DAY), key=lambda report: report.day)
        assert (mended.state, refused.state) == ("published", "held_back")
        assert [row[1] for row in scene.orders()] == ["O-1", "O-2", "O-3", "O-4"]
        assert scene.audits(ORDERS)["schema"] == "passed"


class TestDeliveredAnew:
    """A correction is for the record as it was delivered."""

    def test_where_the_record_is_another_now_it_does_not_count_and_the_schema_check_says_so(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        replay(scene, ORDERS, MENDED)
        report = scene.deliver(ORDERS, MIXED_ORDERS.replace("O-2,,", "O-7,,"))
        assert [row[1] for row in scene.orders()] == ["O-1", "O-3", "O-4"]
        assert standing(scene) == [(3, "O-7,,2026-03-10 10:30:00,25.50,delivered", ["not_null"])]
        [schema] = [check for check in report.checks if check.check == "schema"]
        assert (schema.outcome, schema.found) == ("warned", "1 corrections of records that are not there as they were")

    def test_where_the_record_is_gone_or_stands_elsewhere_it_does_not_count(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        replay(scene, ORDERS, MENDED)
        report = scene.deliver(ORDERS, ORDERS_HEADER + "\n" + MIXED_ORDERS.removeprefix(ORDERS_HEADER))
        assert [line for line, _, _ in standing(scene)] == [4, 6]
        assert report.checks[0].found == "2 corrections of records that are not there as they were"
        report = scene.deliver(ORDERS, {"another.csv": MIXED_ORDERS})
        assert [line for line, _, _ in standing(scene)] == [3, 5]
        assert report.checks[0].outcome == "warned"

    def test_where_it_is_delivered_as_it_was_it_still_counts(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        replay(scene, ORDERS, MENDED)
        report = scene.deliver(ORDERS, MIXED_ORDERS + "O-5,C-9,2026-03-10 13:00:00,3.00,paid\n")
        assert [row[1] for row in scene.orders()] == ["O-1", "O-2", "O-3", "O-4", "O-5"]
        assert standing(scene) == []
        assert report.checks[0].outcome == "passed"


class TestKeys:
    """Corrections that give a record another key."""

    def test_a_key_that_stands_twice_on_a_day(self, scene: Scene, tmp_path: Path) -> None:
        scene.deliver(ORDERS, orders_of(DAY, "O-1", "O-1"))
        assert [rules for _, _, rules in standing(scene)] == [["unique"]]
        replay(scene, ORDERS, {3: {"order_id": "O-2"}})
        assert outcome(scene, ORDERS) == outcome_of(tmp_path / "clean", ORDERS, orders_of(DAY, "O-1", "O-2"))

    def test_a_key_that_belongs_to_another_day(self, scene: Scene) -> None:
        scene.deliver(ORDERS, orders_of(DAY, "O-1"), DAY)
        scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-1", "O-3"), NEXT_DAY)
        replay(scene, ORDERS, {2: {"order_id": "O-2"}}, NEXT_DAY)
        assert scene.day_of_each_order() == {"O-1": DAY, "O-2": NEXT_DAY, "O-3": NEXT_DAY}
        assert standing(scene) == []

    def test_a_corrected_key_is_held_against_its_own_day(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS)
        replay(scene, ORDERS, {3: {"customer_id": "C-2", "order_id": "O-1"}})
        assert standing(scene)[0] == (3, "O-2,,2026-03-10 10:30:00,25.50,delivered", ["unique"])

    def test_an_earlier_day_takes_a_key_by_correction_and_gives_it_back_by_another(self, scene: Scene) -> None:
        scene.deliver(ORDERS, MIXED_ORDERS, DAY)
        scene.deliver(ORDERS, orders_of(NEXT_DAY, "O-7", "O-8"), NEXT_DAY)
        replay(scene, ORDERS, {3: {"customer_id": "C-2", "order_id": "O-7"}}, DAY)
        assert scene.day_of_each_order() == dict.fromkeys(("O-1", "O-4", "O-7"), DAY) | {"O-8": NEXT_DAY}
        assert (scene.ledger(ORDERS, NEXT_DAY) or {})["quarantined"] == 1
        replay(scene, ORDERS, {3: {"customer_id": "C-2", "order_id": "O-2"}}, DAY)
        assert scene.day_of_each_order() == dict.fromkeys(("O-1", "O-2", "O-4"), DAY) | dict.fromkeys(
            ("O-7", "O-8"), NEXT_DAY
        )
        assert (scene.ledger(ORDERS, NEXT_DAY) or {})["quarantined"] == 0

    def test_a_key_comes_back_to_the_other_day_though_its_values_were_erased(self, scene: Scene) -> None:
        source = replace(ORDERS, policy=ORDERS.policy.model_copy(update={"retention_days": 1}))
        scene.deliver(source, orders_of(DAY, "O-1"), DAY)
        scene.deliver(source, orders_of(NEXT_DAY, "O-1", "O-8"), NEXT_DAY)
        scene.load(source, THIRD_DAY, now=NOW + timedelta(days=9))
        assert scene.column("select raw from quality.quarantine") == [None]
        scene.land(source, orders_of(DAY, "O-2"), DAY)
        scene.load(source, DAY, now=NOW + timedelta(days=9))
        assert scene.day_of_each_order() == {"O-1": NEXT_DAY, "O-2": DAY, "O-8": NEXT_DAY}


class TestFormatsAndDefects:
    """Whatever the record was, its correction is a line of cells."""

    def test_a_json_record(self, scene: Scene, tmp_path: Path) -> None:
        bad = GOOD_TICKET.replace('"low"', '"on fire"').replace("T-1", "T-2")
        scene.deliver(TICKETS, {"tickets.jsonl": f"{GOOD_TICKET}\n{bad}\n"})
        assert [line for line, _, _ in standing(scene)] == [2]
        replay(scene, TICKETS, {2: {"priority": "low"}})
        good = {"tickets.jsonl": f"{GOOD_TICKET}\n{GOOD_TICKET.replace('T-1', 'T-2')}\n"}
        assert outcome(scene, TICKETS) == outcome_of(tmp_path / "clean", TICKETS, good)

    @pytest.mark.parametrize("bad", ['{"ticket_id": "T-2", ', "[1, 2]", GOOD_TICKET.replace('"C-1"', '["C-1"]')])
    def test_a_json_record_that_could_not_be_read(self, scene: Scene, tmp_path: Path, bad: str) -> None:
        scene.deliver(TICKETS, {"tickets.jsonl": f"{GOOD_TICKET}\n{bad}\n"})
        cells = {
            "ticket_id": "T-2",
            "customer_id": "C-1",
            "created_date": "2026-03-10T09:00:00",
            "category": "login",
            "priority": "low",
        }
        replay(scene, TICKETS, {2: cells})
        good = {"tickets.jsonl": f"{GOOD_TICKET}\n{GOOD_TICKET.replace('T-1', 'T-2')}\n"}
        assert outcome(scene, TICKETS) == outcome_of(tmp_path / "clean", TICKETS, good)

    def test_a_parquet_record(self, scene: Scene, tmp_path: Path) -> None:
        scene.deliver(ORDERS, {"orders.parquet": orders_in_parquet("paid", "lost")})
        [(line, raw, rules)] = standing(scene)
        assert (line, rules) == (2, ["isin"])
        assert '"status":"lost"' in raw
        replay(scene, ORDERS, {2: {"status": "shipped"}})
        clean = outcome_of(tmp_path / "clean", ORDERS, {"orders.parquet": orders_in_parquet("paid", "shipped")})
        assert outcome(scene, ORDERS) == clean

    @pytest.mark.parametrize(
        "bad",
        [
            b"O-2,C-2,2026-03-10 09:00:00,10.00",
            b"O-2,C-2,2026-03-10 09:00:00,10.00,paid,,",
            b"O-2,C\xff2,2026-03-10 09:00:00,10.00,paid",
            b'O-2,"C-"2,2026-03-10 09:00:00,10.00,paid',
            ORDERS_HEADER.strip().encode(),
            b"O-2," + b"C" * 70_000 + b",2026-03-10 09:00:00,10.00,paid",
        ],
        ids=["too few columns", "too many columns", "not UTF-8", "quotes", "header again", "long cell"],
    )
    def test_a_csv_record_that_could_not_be_cut_into_cells(self, scene: Scene, tmp_path: Path, bad: bytes) -> None:
        good_lines = orders_of(DAY, "O-1").encode()
        scene.deliver(ORDERS, {"orders.csv": good_lines + bad + b"\n"})
        [record] = quarantine(scene, ORDERS)
        assert (record.cells, record.raw) == (None, bad)
        cells = ("O-2", "C-1", f"{DAY} 09:00:00", "10.00", "paid")
        replay(scene, ORDERS, {3: dict(zip(ORDERS.contract.column_names, cells, strict=True))})
        clean = outcome_of(tmp_path / "clean", ORDERS, {"orders.csv": orders_of(DAY, "O-1", "O-2")})
        assert outcome(scene, ORDERS) == clean

    def test_each_of_several_files_has_its_own_line_2(self, scene: Scene) -> None:
        files = {name: orders_of(DAY, order, status="lost") for name, order in (("a.csv", "O-1"), ("b.csv", "O-2"))}
        scene.deliver(ORDERS, files)
        area, path = LandingArea(scene.root), corrections_file(scene.root, "orders", DAY)
        [_, second] = read_quarantine(scene.connection, area, ORDERS, DAY)
        cells = {column: text or "" for column, text in second.cells.items()} if second.cells else {}
        add_corrections(path, ORDERS, [Correction("b.csv", 2, second.raw_sha256 or "", cells | {"status": "paid"})])
        scene.load(ORDERS)
        assert scene.day_of_each_order() == {"O-2": DAY}
        assert scene.column("select file from quality.quarantine where released_at is null") == ["a.csv"]


def test_a_day_that_was_held_back_can_be_corrected_until_it_is_published(scene: Scene, tmp_path: Path) -> None:
    assert scene.deliver(STRICT_ORDERS, WRONG_ORDERS).state == "held_back"
    good = {"customer_id": "C-1", "order_date": f"{DAY} 09:00:00", "total_amount": "10.00"}
    assert [record.line for record in quarantine(scene, STRICT_ORDERS)] == [2, 3, 4, 5, 6]
    assert replay(scene, STRICT_ORDERS, dict.fromkeys(range(2, 7), good)).state == "published"
    mended = orders_of(DAY, *(f"O-{n}" for n in range(1, 6)))
    assert outcome(scene, STRICT_ORDERS) == outcome_of(tmp_path / "clean", STRICT_ORDERS, mended)


def test_under_a_looser_contract_a_replay_publishes_what_it_lets_through(scene: Scene, tmp_path: Path) -> None:
    scene.deliver(ORDERS, orders_of(DAY, "O-1") + f"O-2,C-1,{DAY} 09:00:00,10.00,lost\n")
    assert [rules for _, _, rules in standing(scene)] == [["isin"]]
    looser = orders_allowing("lost")
    [report] = scene.load(looser, run_id="run-2", now=LATER)
    assert report.changes is not None
    assert (report.changes.added, report.changes.removed, report.changes.changed) == (1, 0, 0)
    assert [(row[1], row[5]) for row in scene.orders()] == [("O-1", "paid"), ("O-2", "lost")]
    assert standing(scene) == []
    assert scene.column("select contract_version from quality.deliveries") == ["1.1.0"]
    clean = outcome_of(tmp_path / "clean", looser, orders_of(DAY, "O-1") + f"O-2,C-1,{DAY} 09:00:00,10.00,lost\n")
    assert outcome(scene, looser) == clean


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["order_id", "customer_id", "order_date", "status"], "the header lacks total_amount"),
        ([*ORDERS.contract.column_names, "amount"], "the header has unknown amount"),
        (
            ["order_id", "customer_id", "order_date", "status", "amount"],
            "the header lacks total_amount and has unknown amount",
        ),
    ],
)
def test_corrections_with_other_columns_than_the_contract_hold_the_day_back_and_say_which(
    scene: Scene, columns: list[str], words: str
) -> None:
    scene.deliver(ORDERS, MIXED_ORDERS)
    before = outcome(scene, ORDERS)
    [record, _] = quarantine(scene, ORDERS)
    path = corrections_file(scene.root, "orders", DAY)
    write_corrections(path, columns, [Correction(record.file, record.line, record.raw_sha256, {})])
    [report] = scene.load(ORDERS)
    assert report.state == "held_back"
    assert report.message.startswith(
        f"{path}: {words}. Expected are _file, _line, _raw_sha256 and the columns of Orders:"
    )
    assert {**outcome(scene, ORDERS), "audits": []} == {**before, "audits": []}


def test_corrections_that_cannot_be_read_hold_the_day_back_and_it_keeps_what_it_had(scene: Scene) -> None:
    scene.deliver(ORDERS, CLEAN_ORDERS)
    path = corrections_file(scene.root, "orders", DAY)
    path.parent.mkdir(parents=True)
    path.write_text("whatever", encoding="utf-8")
    [report] = scene.load(ORDERS)
    assert report.state == "held_back"
    assert report.message == (
        f"{path}, line 1: the header lacks _file, _line, _raw_sha256. Mend the file, or remove it."
    )
    assert len(scene.orders()) == 3


def test_what_is_derived_from_a_corrected_day_and_the_days_after_is_stale(scene: Scene) -> None:
    days = (DAY, NEXT_DAY, THIRD_DAY)
    for day in days:
        bad = f"B-{day},,{day} 10:00:00,5.00,paid\n"
        scene.deliver(ORDERS, orders_of(day, f"O-{day}") + (bad if day == NEXT_DAY else ""), day)
        ticket = GOOD_TICKET.replace("T-1", str(day)).replace("2026-03-10", str(day))
        bad = ticket.replace(str(day), f"B-{day}", 1).replace("low", "on fire") if day == NEXT_DAY else ""
        scene.deliver(TICKETS, {"tickets.jsonl": f"{ticket}\n{bad}"}, day)
    with transaction(scene.connection):
        compute_customer_lifetime_value(scene.connection, days, "run-1", NOW)
        compute_at_risk_customers(scene.connection, days, "run-1", NOW)
    assert stale_days(scene.connection, "customer_lifetime_value", THIRD_DAY) == []
    assert stale_days(scene.connection, "at_risk_customers", THIRD_DAY) == []
    replay(scene, ORDERS, {3: {"customer_id": "C-1"}}, NEXT_DAY)
    assert stale_days(scene.connection, "customer_lifetime_value", THIRD_DAY) == [NEXT_DAY, THIRD_DAY]
    with transaction(scene.connection):
        compute_at_risk_customers(scene.connection, days, "run-2", NOW)
    assert stale_days(scene.connection, "at_risk_customers", THIRD_DAY) == []
    replay(scene, TICKETS, {2: {"priority": "low"}}, NEXT_DAY)
    assert stale_days(scene.connection, "at_risk_customers", THIRD_DAY) == [NEXT_DAY, THIRD_DAY]


def orders_in_parquet(*statuses: str) -> bytes:
    """Good orders but for their statuses."""
    orders = {
        "order_id": [f"O-{number}" for number, _ in enumerate(statuses)],
        "customer_id": ["C-1" for _ in statuses],
        "order_date": [f"{DAY} 09:00:00" for _ in statuses],
        "total_amount": ["10.00" for _ in statuses],
        "status": list(statuses),
    }
    return parquet(orders)

"""Published tables change with their contracts and deliveries, and no published value is changed by it."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from customer_analytics.contracts.policy import Evolution
from customer_analytics.contracts.source import Source
from customer_analytics.warehouse.contracts import recorded_contract
from customer_analytics.warehouse.day_report import DayReport
from customer_analytics.warehouse.errors import WarehouseError
from customer_analytics_tests.bad_input.records import parquet
from customer_analytics_tests.contracts.models import PromisedColumn, amount, promise, text, time, truth, whole
from customer_analytics_tests.scenario import DAY, LATER, LENIENT, NEXT_DAY, THIRD_DAY, Scene, published_state


def things(version: str = "1.0.0", evolution: Evolution | None = None, **columns: PromisedColumn) -> Source:
    """A source of things with a key, a time and these columns."""
    policy = LENIENT.model_copy(update={"evolution": evolution or Evolution()})
    return Source("things", promise(columns, version=version), policy)


EVOLVING = things(evolution=Evolution(new_columns="evolve"), size=text(nullable=True))


def in_csv(day: date, /, **columns: str) -> str:
    """One thing, named after its day."""
    row = {"thing_id": f"T-{day}", "made_at": f"{day} 09:00:00"} | columns
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([row.keys(), row.values()])
    return lines.getvalue()


def in_json(day: date, more: str = "") -> dict[str, str | bytes]:
    """One thing, with more keys as they are written in JSON."""
    return {"things.jsonl": f'{{"thing_id": "T-{day}", "made_at": "{day} 09:00:00", "size": "S"{more}}}\n'}


def in_parquet(day: date, /, **columns: Any) -> dict[str, str | bytes]:
    """One thing, with more columns of any type."""
    row = {"thing_id": [f"T-{day}"], "made_at": [f"{day} 09:00:00"], "size": ["S"]}
    return {"things.parquet": parquet(row | {column: [value] for column, value in columns.items()})}


def deliver(scene: Scene, source: Source, files: Mapping[str, str | bytes] | str, day: date = DAY) -> DayReport:
    scene.land(source, files, day)
    return scene.load(source, day, run_id=f"run of {day}")[0]


def column(scene: Scene, name: str) -> list[Any]:
    """The values of a column by day, as the table has them."""
    return scene.column(f'select "{name}" from sources.things order by delivery_day, thing_id')


def columns(scene: Scene) -> dict[str, str]:
    """The columns that the table has beside day, key and time, with their types; '?' where they may be null."""
    rows = scene.all(
        """select column_name, lower(data_type) || if(is_nullable, '?', '') from duckdb_columns()
           where schema_name = 'sources' and table_name = 'things' order by column_index"""
    )
    return {name: kind for name, kind in rows if name not in ("delivery_day", "thing_id", "made_at")}


def table_changes(scene: Scene) -> list[tuple[Any, ...]]:
    return scene.all("select statement, why, contract_version, run_id from quality.table_changes order by rowid")


def ledger(scene: Scene, day: date = DAY) -> list[tuple[Any, ...]]:
    return scene.all("select revision, content_hash, fingerprint from quality.deliveries where delivery_day = ?", day)


class TestPromisedColumns:
    """A new version of the contract."""

    def test_a_nullable_column_is_added_and_old_days_have_no_value(self, scene: Scene) -> None:
        deliver(scene, things(), in_csv(DAY))
        before = ledger(scene)
        deliver(scene, things("1.1.0", note=text(nullable=True)), in_csv(NEXT_DAY, note="new"), NEXT_DAY)
        assert columns(scene) == {"note": "varchar?"}
        assert column(scene, "note") == [None, "new"]
        assert ledger(scene) == before
        assert table_changes(scene) == [
            (
                'alter table sources."things" add column "note" varchar',
                "new in Things 1.1.0",
                "1.1.0",
                "run of 2026-03-11",
            )
        ]

    def test_a_required_column_is_added_and_old_days_have_no_value(self, scene: Scene) -> None:
        deliver(scene, things(), in_csv(DAY))
        newer = things("2.0.0", price=amount())
        deliver(scene, newer, in_csv(NEXT_DAY, price="1.50"), NEXT_DAY)
        assert columns(scene) == {"price": "decimal(18,2)?"}
        assert column(scene, "price") == [None, Decimal("1.50")]
        report = deliver(scene, newer, in_csv(THIRD_DAY, price=""), THIRD_DAY)
        assert (report.figures and report.figures.quarantined) == 1
        assert deliver(scene, newer, in_csv(DAY)).message.startswith(f"{scene.root}/things/2026-03-10/delivery.csv")
        assert column(scene, "price") == [None, Decimal("1.50")]

    def test_of_a_removed_column_old_days_keep_their_values_and_new_days_have_none(self, scene: Scene) -> None:
        deliver(scene, things(price=amount(), note=text()), in_csv(DAY, price="1.50", note="old"))
        deliver(scene, things("2.0.0", note=text()), in_csv(NEXT_DAY, note="new"), NEXT_DAY)
        assert columns(scene) == {"price": "decimal(18,2)?", "note": "varchar"}
        assert column(scene, "price") == [Decimal("1.50"), None]
        assert column(scene, "note") == ["old", "new"]
        assert [(change[0], change[1]) for change in table_changes(scene)] == [
            ('alter table sources."things" alter column "price" drop not null', "may be null in Things 2.0.0")
        ]

    def test_a_removed_column_that_comes_back_has_its_values(self, scene: Scene) -> None:
        deliver(scene, things(price=amount()), in_csv(DAY, price="1.50"))
        deliver(scene, things("2.0.0"), in_csv(NEXT_DAY), NEXT_DAY)
        deliver(scene, things("3.0.0", price=amount()), in_csv(THIRD_DAY, price="3.50"), THIRD_DAY)
        assert column(scene, "price") == [Decimal("1.50"), None, Decimal("3.50")]

    def test_a_column_that_may_be_null_now_is_null_where_nothing_was_delivered(self, scene: Scene) -> None:
        deliver(scene, things(note=text()), in_csv(DAY, note="old"))
        deliver(scene, things("1.1.0", note=text(nullable=True)), in_csv(NEXT_DAY), NEXT_DAY)
        assert columns(scene) == {"note": "varchar?"}
        assert column(scene, "note") == ["old", None]

    def test_an_unchanged_contract_changes_no_table(self, scene: Scene) -> None:
        source = things(price=amount(), note=text(nullable=True))
        deliver(scene, source, in_csv(DAY, price="1.50"))
        deliver(scene, source, in_csv(NEXT_DAY, price="2.50"), NEXT_DAY)
        assert table_changes(scene) == []

    def test_a_day_of_an_old_contract_stays_readable(self, scene: Scene) -> None:
        old = things(price=amount(), note=text())
        deliver(scene, old, in_csv(DAY, price="1.50", note="old"))
        deliver(scene, things("2.0.0", price=text(), size=whole()), in_csv(NEXT_DAY, price="a lot", size="3"), NEXT_DAY)
        versions = dict(scene.all("select delivery_day, contract_version from quality.deliveries"))
        assert versions == {DAY: "1.0.0", NEXT_DAY: "2.0.0"}
        assert recorded_contract(scene.connection, "things", versions[DAY]) == old.contract
        assert scene.all("select price, note, size from sources.things where delivery_day = ?", DAY) == [
            ("1.50", "old", None)
        ]


WIDER = {
    "decimal to a larger one": (amount(18, 2), "1234567890123456.78", amount(20, 2), Decimal("1234567890123456.78")),
    "decimal to a finer one": (amount(18, 2), "-0.05", amount(20, 4), Decimal("-0.0500")),
    "decimal to text": (amount(18, 2), "10.00", text(), "10.00"),
    "whole number to text": (whole(), "9223372036854775807", text(), "9223372036854775807"),
    "whole number to decimal": (whole(), "-9223372036854775808", amount(21, 2), Decimal("-9223372036854775808.00")),
    "truth to text": (truth(), "true", text(), "true"),
    "time to text": (time(), "2026-03-10 09:00:00.000001", text(), "2026-03-10 09:00:00.000001"),
}
# Narrower, or of another kind; the value goes there and back.
NARROWER_BUT_KEPT = {
    "decimal": (amount(18, 2), "12.50", amount(6, 2), Decimal("12.50")),
    "fewer decimals": (amount(18, 4), "12.5000", amount(18, 2), Decimal("12.50")),
    "decimal to whole number": (amount(18, 2), "12.00", whole(), 12),
    "text to decimal": (text(), "12.50", amount(), Decimal("12.50")),
    "text to whole number": (text(), "-12", whole(), -12),
    "text to truth": (text(), "true", truth(), True),
    "text to time": (text(), "2026-03-10 09:00:00", time(), datetime(2026, 3, 10, 9, 0)),
}
LOST = {
    "too large": (amount(18, 2), "123456.00", amount(6, 2)),
    "too fine": (amount(18, 4), "12.5001", amount(18, 2)),
    "not whole": (amount(18, 2), "12.50", whole()),
    "too large for another kind": (whole(), "9223372036854775807", amount(18, 2)),
    "no number": (text(), "a lot", amount()),
    "written otherwise": (text(), "007", whole()),
    "a decimal missing": (text(), "12.5", amount()),
    "a time written otherwise": (text(), "2026-03-10T09:00:00Z", time()),
}


class TestTypes:
    """A column that has another type in a new version."""

    @pytest.mark.parametrize("case", WIDER | NARROWER_BUT_KEPT)
    def test_it_is_changed_where_every_published_value_is_kept(self, scene: Scene, case: str) -> None:
        old, delivered, new, kept = (WIDER | NARROWER_BUT_KEPT)[case]
        deliver(scene, things(value=old), in_csv(DAY, value=delivered))
        deliver(scene, things("2.0.0", value=new), in_csv(NEXT_DAY, value=str(kept).lower()), NEXT_DAY)
        assert column(scene, "value") == [kept, kept]
        [(statement, why, version, _)] = table_changes(scene)
        assert statement.startswith('alter table sources."things" alter column "value" set data type ')
        assert why.endswith("before Things 2.0.0")
        assert version == "2.0.0"

    @pytest.mark.parametrize("case", LOST)
    def test_it_is_refused_where_a_published_value_would_change(self, scene: Scene, case: str) -> None:
        old, delivered, new = LOST[case]
        deliver(scene, things(value=old), in_csv(DAY, value=delivered))
        before = published_state(scene.connection), columns(scene)
        newer = things("2.0.0", added=text(nullable=True), value=new)
        old_type, new_type = columns(scene)["value"], newer.contract.columns[-1].sql_type
        scene.land(newer, in_csv(NEXT_DAY, value="1"), NEXT_DAY)
        with pytest.raises(WarehouseError) as refused:
            scene.load(newer, NEXT_DAY)
        assert str(refused.value) == (
            f"sources.things: value is {old_type} and Things 2.0.0 wants {new_type}, which would change 1 published "
            "values. Give the changed column another name, or keep its type."
        )
        assert (published_state(scene.connection), columns(scene)) == before

    def test_a_refusal_says_how_many_values_would_change_and_nulls_are_none(self, scene: Scene) -> None:
        rows = "".join(f"T-{n},{DAY} 09:00:00,{value}\n" for n, value in enumerate(["7", "x", "", "y", "8"]))
        deliver(scene, things(value=text(nullable=True)), f"thing_id,made_at,value\n{rows}")
        with pytest.raises(WarehouseError, match="would change 2 published values"):
            scene.load(things("2.0.0", value=whole(nullable=True)), NEXT_DAY)

    def test_after_a_refusal_the_old_contract_still_loads(self, scene: Scene) -> None:
        old = things(value=text())
        deliver(scene, old, in_csv(DAY, value="a lot"))
        with pytest.raises(WarehouseError):
            scene.load(things("2.0.0", value=whole()), NEXT_DAY)
        assert deliver(scene, old, in_csv(NEXT_DAY, value="more"), NEXT_DAY).state == "published"
        assert column(scene, "value") == ["a lot", "more"]
        assert table_changes(scene) == []


# As they stand in JSON, and as they are published.
JSON_VALUES = {
    '"7.50"': "7.50",
    "7.50": "7.50",
    "1e3": "1e3",
    "12345678901234567890": "12345678901234567890",
    "123456789012345678901234567890": "123456789012345678901234567890",
    "0.1234567890123456789": "0.1234567890123456789",
    "-0.10": "-0.10",
    "true": "true",
    "null": None,
    '""': None,
    '" spaces "': "spaces",
    r'"Zo\u00eb \"王\""': 'Zoë "王"',
    '{"a": [1, 2.50, {"b": null}]}': '{"a":[1,2.50,{"b":null}]}',
    "[]": "[]",
    '{"a": 123456789012345678901234567890}': '{"a":123456789012345678901234567890}',
}


class TestEvolve:
    """Columns that are delivered and not promised are added as text, where the source's policy says so."""

    def test_of_a_csv_file(self, scene: Scene) -> None:
        deliver(scene, EVOLVING, in_csv(DAY, size="S"))
        before = ledger(scene)
        report = deliver(scene, EVOLVING, in_csv(NEXT_DAY, Coupon='12,50 "€"', **{" weight ": "007"}), NEXT_DAY)
        deliver(scene, EVOLVING, in_csv(THIRD_DAY, size="L"), THIRD_DAY)
        assert columns(scene) == {"size": "varchar?", "coupon": "varchar?", "weight": "varchar?"}
        assert column(scene, "coupon") == [None, '12,50 "€"', None]
        assert column(scene, "weight") == [None, "007", None]
        assert ledger(scene) == before
        assert (report.checks[0].outcome, report.checks[0].found) == ("warned", "also coupon, weight, kept as text")
        assert table_changes(scene) == [
            (f'alter table sources."things" add column "{added}" varchar', "delivered, not promised", "1.0.0", run)
            for added, run in (("coupon", "run of 2026-03-11"), ("weight", "run of 2026-03-11"))
        ]

    @pytest.mark.parametrize("written", JSON_VALUES)
    def test_of_a_json_file_with_the_exact_value(self, scene: Scene, written: str) -> None:
        deliver(scene, EVOLVING, in_json(DAY))
        before = ledger(scene)
        deliver(scene, EVOLVING, in_json(NEXT_DAY, f', "extra": {written}'), NEXT_DAY)
        deliver(scene, EVOLVING, in_json(THIRD_DAY), THIRD_DAY)
        found = column(scene, "extra")
        if written.startswith("{"):
            assert json.loads(found[1], parse_float=Decimal) == json.loads(written, parse_float=Decimal)
        else:
            assert found == [None, JSON_VALUES[written], None]
        assert ledger(scene) == before

    def test_of_a_json_file_a_number_that_may_have_been_rounded_sets_its_record_aside(self, scene: Scene) -> None:
        large = "123456789012345678901234567890"
        deliver(scene, EVOLVING, in_json(DAY, f', "extra": {large}, "other": {{"extra": 1.5}}'))
        assert scene.all("select * from sources.things") == []
        assert scene.column("select reasons[1].rule from quality.quarantine") == ["json_number"]

    def test_of_a_parquet_file(self, scene: Scene) -> None:
        deliver(scene, EVOLVING, in_parquet(DAY))
        before = ledger(scene)
        values = {
            "large": 2**63 - 1,
            "exact": Decimal("12.50"),
            "at": datetime(2026, 3, 10, 9, 0, 0, 1),
            "listed": [1, 2],
            "flag": True,
        }
        deliver(scene, EVOLVING, in_parquet(NEXT_DAY, **values), NEXT_DAY)
        deliver(scene, EVOLVING, in_parquet(THIRD_DAY), THIRD_DAY)
        texts = ("9223372036854775807", "12.50", "2026-03-10 09:00:00.000001", "[1, 2]", "true")
        for name, value in zip(values, texts, strict=True):
            assert column(scene, name) == [None, value, None]
        assert ledger(scene) == before

    def test_days_without_it_that_are_loaded_again_keep_hash_and_revision(self, scene: Scene) -> None:
        deliver(scene, EVOLVING, in_csv(DAY, size="S"))
        before = ledger(scene)
        deliver(scene, EVOLVING, in_csv(NEXT_DAY, coupon="x"), NEXT_DAY)
        for day in (DAY, NEXT_DAY):
            scene.land(EVOLVING, in_csv(day, size="S") if day == DAY else in_csv(day, coupon="x"), day)
        scene.load(EVOLVING, DAY, NEXT_DAY, run_id="run-3", now=LATER)
        assert ledger(scene) == before
        assert scene.column("select revision from quality.deliveries order by delivery_day") == [1, 2]

    def test_another_value_in_such_a_column_is_other_content(self, scene: Scene) -> None:
        deliver(scene, EVOLVING, in_csv(DAY, coupon="x"))
        report = deliver(scene, EVOLVING, in_csv(DAY, coupon="y"))
        assert (scene.column("select revision from quality.deliveries"), column(scene, "coupon")) == ([2], ["y"])
        assert (report.changes and report.changes.changed) == 1
        assert scene.all("select before, after from quality.changes") == [({"coupon": "x"}, {"coupon": "y"})]
        deliver(scene, EVOLVING, in_csv(DAY))
        assert column(scene, "coupon") == [None]
        assert scene.column("select revision from quality.deliveries") == [3]

    def test_a_column_that_only_bad_records_have_is_not_added(self, scene: Scene) -> None:
        good = in_json(DAY)["things.jsonl"]
        deliver(scene, EVOLVING, {"a.jsonl": good, "b.jsonl": '{"thing_id": "T-2", "made_at": "?", "extra": 1}\n'})
        assert columns(scene) == {"size": "varchar?"}

    def test_a_column_of_a_day_that_is_held_back_is_not_added(self, scene: Scene) -> None:
        strict = EVOLVING.policy.model_copy(update={"volume": EVOLVING.policy.volume.model_copy(update={"minimum": 9})})
        report = deliver(scene, Source("things", EVOLVING.contract, strict), in_csv(DAY, coupon="x"))
        assert (report.state, columns(scene), table_changes(scene)) == ("held_back", {"size": "varchar?"}, [])

    def test_each_file_of_a_day_may_have_columns_of_its_own(self, scene: Scene) -> None:
        files = {"a.csv": in_csv(DAY, a="1"), "b.csv": in_csv(DAY, b="2").replace(f"T-{DAY}", "T-2")}
        deliver(scene, EVOLVING, files)
        assert scene.all("select a, b from sources.things order by a") == [("1", None), (None, "2")]

    @pytest.mark.parametrize(
        ("promised", "kept"), [(whole(nullable=True), 12), (amount(nullable=True, scale=0), Decimal(12))]
    )
    def test_it_can_be_promised_later_with_a_type_that_its_texts_fit(
        self, scene: Scene, promised: PromisedColumn, kept: Any
    ) -> None:
        deliver(scene, EVOLVING, in_csv(DAY, extra="12"))
        newer = things("1.1.0", EVOLVING.policy.evolution, size=text(nullable=True), extra=promised)
        deliver(scene, newer, in_csv(NEXT_DAY, extra="12"), NEXT_DAY)
        assert column(scene, "extra") == [kept, kept]

    def test_a_typed_column_that_is_promised_no_more_takes_no_texts(self, scene: Scene) -> None:
        evolve = Evolution(new_columns="evolve")
        deliver(scene, things(evolution=evolve, extra=whole()), in_csv(DAY, extra="12"))
        deliver(scene, things("2.0.0", evolve), in_csv(NEXT_DAY, extra="13"), NEXT_DAY)
        assert columns(scene) == {"extra": "bigint?"}
        assert column(scene, "extra") == [12, None]


class TestOtherPolicies:
    """Columns too many or too few, where the policy does not let the table follow."""

    @pytest.mark.parametrize("files", [in_csv(DAY, extra="x"), in_json(DAY, ', "extra": 1'), in_parquet(DAY, extra=1)])
    def test_ignored_columns_are_left_out_and_the_schema_check_warns(self, scene: Scene, files: Any) -> None:
        report = deliver(scene, things(size=text(nullable=True)), files)
        assert (report.state, columns(scene)) == ("published", {"size": "varchar?"})
        assert (report.checks[0].outcome, report.checks[0].found) == ("warned", "also extra, left out")

    @pytest.mark.parametrize("files", [in_csv(DAY, extra="x"), in_json(DAY, ', "extra": 1'), in_parquet(DAY, extra=1)])
    def test_refused_columns_hold_the_day_back_and_are_named(self, scene: Scene, files: Any) -> None:
        report = deliver(scene, things(evolution=Evolution(new_columns="refuse"), size=text(nullable=True)), files)
        assert report.state == "held_back"
        assert "has 1 columns that are not promised: extra. Deliver it without them" in report.message
        assert scene.all("from sources.things") == []

    @pytest.mark.parametrize(
        ("files", "lacks"),
        [
            (in_csv(DAY), "the header lacks size"),
            ({"things.jsonl": f'{{"thing_id": "T-1", "made_at": "{DAY}"}}'}, "no record has size"),
            ({"t.parquet": parquet({"thing_id": ["T-1"], "made_at": [str(DAY)]})}, "the schema lacks size"),
        ],
    )
    def test_a_nullable_column_that_is_missing_is_null_or_refused(self, scene: Scene, files: Any, lacks: str) -> None:
        size = text(nullable=True)
        refused = deliver(scene, things(evolution=Evolution(missing_columns="refuse"), size=size), files)
        assert refused.state == "held_back"
        assert lacks in refused.message
        assert deliver(scene, things(size=size), files).state == "published"
        assert column(scene, "size") == [None]


HOSTILE = (
    "; drop table sources.things; --",
    'a"b',
    "a'b",
    "delivery_day",
    "_day",
    "_key",
    "_reasons",
    "1st",
    "",
    "x" * 64,
    "zwölf",
    "a.b",
    "a b",
    "$day",
    "{}",
)
# Names that SQL, DuckDB or this project's own statements use.
USED_ELSEWHERE = (
    *("select", "order", "from", "table", "null", "rowid", "judged", "record", "records", "text", "line", "parts"),
    *("file", "key", "day", "old", "new", "before", "after", "change", "source", "content", "reasons", "raw", "json"),
    *(
        "filename",
        "file_index",
        "file_row_number",
        "byte_offset",
        "bytes",
        "cells",
        "c",
        "k",
        "v",
        "value",
        "run_id",
        "is_added",
    ),
)


class TestHostileNames:
    """Names of delivered columns are other people's words: none of them is run, and none stops a load."""

    @pytest.mark.parametrize(
        ("form", "name"),
        # DuckDB gives a name of its own to a Parquet column without one.
        [(form, name) for form in ("csv", "jsonl", "parquet") for name in HOSTILE if name or form != "parquet"],
    )
    def test_what_is_no_name_is_left_out(self, scene: Scene, form: str, name: str) -> None:
        report = deliver(scene, EVOLVING, delivered(form, {name: "x"}))
        assert report.state == "published"
        assert columns(scene) == {"size": "varchar?"}
        assert column(scene, "thing_id") == [f"T-{DAY}"]
        assert column(scene, "delivery_day") == [DAY]
        assert report.checks[0].found.endswith(", left out")

    @pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
    def test_names_that_are_used_elsewhere_are_names_like_others(self, scene: Scene, form: str) -> None:
        # A Parquet file with such a column is refused: DuckDB's reader would take it for the number.
        names = sorted(set(USED_ELSEWHERE) - ({"file_index", "file_row_number"} if form == "parquet" else set()))
        for day, value in ((DAY, "1"), (NEXT_DAY, "2"), (DAY, "3")):
            deliver(scene, EVOLVING, delivered(form, dict.fromkeys(names, value), day), day)
        assert list(columns(scene)) == ["size", *names]
        for name in names:
            assert column(scene, name) == ["3", "2"]
        assert scene.all("select change, before, after from quality.changes") == [
            ("changed", dict.fromkeys(names, "1"), dict.fromkeys(names, "3"))
        ]

    @pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
    def test_as_many_columns_are_kept_as_the_limit_says_and_more_are_refused(self, scene: Scene, form: str) -> None:
        many = {f"c{number:03}": str(number) for number in range(101)}
        report = deliver(scene, EVOLVING, delivered(form, many))
        assert report.state == "held_back"
        assert "has 101 columns that are not promised; at most 100 are kept" in report.message
        del many["c100"]
        report = deliver(scene, EVOLVING, delivered(form, many))
        assert (report.state, len(columns(scene))) == ("published", 101)
        assert (column(scene, "c000"), column(scene, "c099")) == (["0"], ["99"])
        assert report.checks[0].found.endswith("c009, 90 others, kept as text")

    @pytest.mark.parametrize("name", [*HOSTILE[:4], "; drop schema quality cascade"])
    def test_refused_or_ignored_they_do_no_harm_either(self, scene: Scene, name: str) -> None:
        size = text(nullable=True)
        refusing = things(evolution=Evolution(new_columns="refuse"), size=size)
        assert deliver(scene, refusing, delivered("csv", {name: "x"})).state == "held_back"
        assert deliver(scene, things(size=size), delivered("jsonl", {name: "x"})).state == "published"
        assert column(scene, "thing_id") == [f"T-{DAY}"]

    def test_a_name_in_two_spellings_is_refused_where_case_does_not_count(self, scene: Scene) -> None:
        deliver(scene, EVOLVING, in_csv(DAY, size="S"))
        report = deliver(scene, EVOLVING, in_csv(NEXT_DAY, coupon="x", COUPON="y"), NEXT_DAY)
        assert report.state == "held_back"
        assert "has names that are not promised more than once" in report.message
        report = deliver(scene, EVOLVING, in_json(NEXT_DAY, ', "coupon": "x", "COUPON": "y"'), NEXT_DAY)
        assert (report.state, column(scene, "coupon")) == ("published", [None, "x"])


def delivered(form: str, more: Mapping[str, str], day: date = DAY) -> dict[str, str | bytes]:
    """One thing with more columns, in a format."""
    if form == "jsonl":
        return in_json(day, "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in more.items()))
    if form == "parquet":
        return in_parquet(day, **more)
    return {"things.csv": in_csv(day, **more)}

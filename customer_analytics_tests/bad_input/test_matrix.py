"""Every kind of bad input, in every format in which it can arrive, becomes what the specification says."""

import json
import re
from collections import Counter
from datetime import date

import pytest

from customer_analytics.contracts.source import Source
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.quality.sql import name
from customer_analytics_tests.bad_input.bad_records import RECORDS
from customer_analytics_tests.bad_input.bad_values import VALUES
from customer_analytics_tests.bad_input.cases import BadRecord, Case, Normalised, Quarantined, Refused
from customer_analytics_tests.bad_input.clock_changes import CLOCK_CHANGES
from customer_analytics_tests.bad_input.harmless import ACCEPTED
from customer_analytics_tests.bad_input.manifests import AGREEING
from customer_analytics_tests.bad_input.normalised import NORMALISED
from customer_analytics_tests.bad_input.records import Row, good, lenient, write
from customer_analytics_tests.bad_input.refused import REFUSED
from customer_analytics_tests.bad_input.specification import SPECIFICATION
from customer_analytics_tests.scenario import DAY, ORDERS, ORDERS_HEADER, STRICT_ORDERS, Scene, published_state

QUARANTINED: tuple[Quarantined, ...] = (*VALUES, *RECORDS, *CLOCK_CHANGES)
PUT_RIGHT: tuple[Normalised, ...] = (*NORMALISED, *AGREEING)
MATRIX: tuple[Case, ...] = (*REFUSED, *PUT_RIGHT, *QUARANTINED, *ACCEPTED)

# A message says what to do now.
REMEDY = re.compile(
    r"\b(deliver|mend|rename|remove|keep|convert|move|expected|write|split|raise|correct|allow|list|run|add)\b", re.I
)

# What of a column's name is shown; anything else could be a value.
SHOWN = re.compile(r"[a-z_][a-z0-9_]*")


def published(scene: Scene, source: Source, day: date, evolved: tuple[str, ...] = ()) -> list[Row]:
    """What is published of a day, by key."""
    columns = ", ".join(map(name, (*source.contract.column_names, *evolved)))
    key = name(source.contract.key)
    return scene.all(f"select {columns} from {source.table} where delivery_day = ? order by {key}", day)


def quarantined(scene: Scene, source: Source) -> list[BadRecord]:
    """What is set aside of a source, by place."""
    rows = scene.all(
        "select file, line, byte_offset, reasons, raw from quality.quarantine where source = ? order by file, line",
        source.name,
    )
    return [
        BadRecord(file, line, offset, frozenset((reason["rule"], reason["column"]) for reason in reasons), raw)
        for file, line, offset, reasons, raw in rows
    ]


def assert_reconciled(scene: Scene, source: Source, day: date, accepted: int, bad: int, ignored: int) -> None:
    """The ledger has these numbers, they add up, and the tables have as many rows."""
    counts = scene.ledger(source, day)
    assert counts is not None
    delivered = accepted + bad + ignored
    assert counts | {"revision": 1} == {
        "records": delivered,
        "accepted": accepted,
        "quarantined": bad,
        "ignored": ignored,
        "revision": 1,
    }
    assert scene.column(f"select count(*) from {source.table}") == [accepted]
    assert scene.column("select count(*) from quality.quarantine") == [bad]
    assert scene.audits(source, day)["reconciliation"] == "passed"


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_refused_delivery_leaves_the_day_as_it_was_and_says_why(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, case: Refused
) -> None:
    before_it = lenient(case.source)
    clean = write("csv", good(case.source, case.day))
    assert scene.deliver(before_it, {"clean.csv": clean}, case.day).state == "published"
    rows, counts = published(scene, case.source, case.day), scene.ledger(case.source, case.day)
    folder = scene.land(case.source, case.files, case.day)
    for link, target in case.links.items():
        (scene.folder / "secret").with_suffix(f".{case.form}").write_bytes(write(case.form, good(case.source)))
        (folder / link).symlink_to(scene.folder / target)
    opened = LandingArea.open

    def open_then_change(area: LandingArea, source: str, day: date, *more: object, **settings: object) -> Delivery:
        delivery = opened(area, source, day, *more, **settings)
        if case.meanwhile:
            case.meanwhile(folder)
        return delivery

    monkeypatch.setattr(LandingArea, "open", open_then_change)
    [report] = scene.load(case.source, case.day)
    assert (report.state, report.figures) == ("held_back", None)
    message = report.message.replace(str(scene.folder), "")
    assert [word for word in case.words if word not in message] == []
    assert REMEDY.search(message)
    failed = scene.all("select check_name, found from quality.audits where outcome = 'failed'")
    assert failed == [("schema", report.message)]
    assert published(scene, case.source, case.day) == rows
    assert len(rows) == 3
    assert scene.ledger(case.source, case.day) == counts
    assert quarantined(scene, case.source) == []


@pytest.mark.parametrize("case", [*PUT_RIGHT, *ACCEPTED], ids=str)
def test_what_is_put_right_or_harmless_is_published_with_its_exact_values(scene: Scene, case: Normalised) -> None:
    first = scene.deliver(case.source, case.files, case.day)
    assert (first.state, first.message) == ("published", "")
    state = published_state(scene.connection)
    for _ in range(1, case.deliveries):
        assert scene.deliver(case.source, case.files, case.day).state == "published"
        assert published_state(scene.connection) == state
    assert published(scene, case.source, case.day, case.evolved) == list(case.rows)
    described = scene.all(f"describe {case.source.table}")
    promised = ["delivery_day", *case.source.contract.column_names]
    assert [column[0] for column in described] == [*promised, *case.evolved]
    assert [column[1] for column in described][len(promised) :] == ["VARCHAR"] * len(case.evolved)
    assert_reconciled(scene, case.source, case.day, accepted=len(case.rows), bad=0, ignored=case.ignored)
    [(outcome, found)] = scene.all("select outcome, found from quality.audits where check_name = 'schema'")
    assert outcome == ("warned" if case.unknown else "passed")
    assert [column for column in case.unknown if SHOWN.fullmatch(column) and column not in found] == []


@pytest.mark.parametrize("case", QUARANTINED, ids=str)
def test_a_bad_record_is_set_aside_with_its_reasons_and_its_neighbours_are_published(
    scene: Scene, case: Quarantined
) -> None:
    report = scene.deliver(case.source, case.files, case.day)
    assert (report.state, report.message) == ("published", "")
    assert published(scene, case.source, case.day) == list(case.rows)
    assert_reconciled(scene, case.source, case.day, len(case.rows), len(case.bad), case.ignored)
    found = quarantined(scene, case.source)
    assert [(bad.file, bad.line, bad.offset) for bad in found] == [(bad.file, bad.line, bad.offset) for bad in case.bad]
    assert [bad.reasons for bad in found] == [bad.reasons for bad in case.bad]
    for bad, expected in zip(found, case.bad, strict=True):
        assert bad.raw is not None
        if expected.raw is not None:
            assert bad.raw == expected.raw
        else:
            assert repr(json.loads(bad.raw)) == repr(dict(expected.values))
    messages = scene.column("select unnest(reasons).message from quality.quarantine")
    assert all(messages)
    [version] = set(scene.column("select contract_version || ' ' || run_id from quality.quarantine"))
    assert version == f"{case.source.contract.version} run-1"


def test_whether_a_day_without_records_is_published_the_volume_check_decides(scene: Scene) -> None:
    assert scene.deliver(STRICT_ORDERS, ORDERS_HEADER).state == "held_back"
    assert scene.audits(ORDERS)["volume"] == "failed"
    assert scene.deliver(ORDERS, ORDERS_HEADER).state == "published"
    assert_reconciled(scene, ORDERS, DAY, 0, 0, 0)


def test_every_line_of_the_specification_has_its_cases_in_every_format_that_it_concerns() -> None:
    covered = {(case.outcome, case.kind, case.form) for case in MATRIX}
    specified = {
        (outcome, kind, form)
        for outcome, kinds in SPECIFICATION.items()
        for kind, forms in kinds.items()
        for form in forms
    }
    assert specified - covered == set()
    assert {(outcome, kind) for outcome, kind, _ in covered - specified} <= {
        (outcome, kind) for outcome, kind, _ in specified
    }


def test_the_matrix_is_large_and_says_nothing_twice() -> None:
    assert len(MATRIX) >= 150
    names = Counter(f"{case.outcome} {case}" for case in MATRIX)
    assert [name for name, times in names.items() if times > 1] == []

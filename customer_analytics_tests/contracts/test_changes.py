"""What a change of a contract is called, and that a contract is held to its version."""

import re
from typing import Any

import pytest

from customer_analytics.contracts.changes import (
    Change,
    Level,
    assert_version_raised,
    compare,
    highest_level,
    version_numbers,
    widens,
)
from customer_analytics.contracts.contract import ContractError
from customer_analytics.contracts.fields import identifier
from customer_analytics_tests.contracts.models import PromisedColumn, amount, promise, text, time, truth, whole

PLAIN = promise({"size": whole(), "label": text(nullable=True)})


def changes_of(before: PromisedColumn, after: PromisedColumn) -> list[tuple[Level, str]]:
    """Level and words of what changes when one column does."""
    changes = compare(promise({"extra": before}), promise({"extra": after}))
    assert {change.column for change in changes} <= {"extra"}
    return [(change.level, change.what) for change in changes]


def test_the_same_promise_under_another_version_is_no_change() -> None:
    assert compare(PLAIN, promise({"size": whole(), "label": text(nullable=True)}, version="7.0.0")) == []
    assert highest_level([]) is None


def test_a_removed_column_is_major() -> None:
    assert compare(PLAIN, promise({"label": text(nullable=True)})) == [Change("major", "size", "size is removed")]


def test_an_added_column_is_major_where_it_must_be_delivered_and_minor_where_not() -> None:
    wider = {"size": whole(), "label": text(nullable=True)}
    assert compare(PLAIN, promise(wider | {"weight": amount()})) == [
        Change("major", "weight", "weight is added, decimal(18,2), required")
    ]
    assert compare(PLAIN, promise(wider | {"weight": amount(nullable=True)})) == [
        Change("minor", "weight", "weight is added, decimal(18,2), nullable")
    ]


def test_another_key_and_another_event_time_are_major() -> None:
    columns = {"other_id": (str, identifier("Another id")), "other_time": time()}
    other_key = {"thing_id": (str, identifier("The key")), "other_id": (str, identifier("Another id", unique=True))}
    before = promise(columns)
    assert compare(before, promise(columns | other_key)) == [Change("major", None, "the key is other_id, not thing_id")]
    assert compare(before, promise(columns, event_time="other_time")) == [
        Change("major", None, "the event time is other_time, not made_at")
    ]


def test_words_order_and_the_contracts_name_are_patch() -> None:
    reordered = promise({"label": text(nullable=True, description="What it says"), "size": whole()}, name="Objects")
    assert compare(PLAIN, reordered) == [
        Change("patch", None, "the contract is called Objects, not Things"),
        Change("patch", None, "the columns stand in another order: thing_id, made_at, label, size"),
        Change("patch", "label", "label is described anew"),
    ]


def test_the_gravest_change_comes_first_and_names_the_level() -> None:
    changes = compare(PLAIN, promise({"label": text(), "colour": text(nullable=True)}, name="Objects"))
    assert [(change.level, change.column) for change in changes] == [
        ("major", "size"),
        ("major", "label"),
        ("minor", "colour"),
        ("patch", None),
    ]
    assert highest_level(changes) == "major"
    assert highest_level(changes[2:]) == "minor"


def test_nullable_to_required_is_major_and_back_is_minor() -> None:
    assert changes_of(text(nullable=True), text()) == [("major", "extra is required, not nullable")]
    assert changes_of(text(), text(nullable=True)) == [("minor", "extra is nullable, not required")]


def test_a_type_that_keeps_every_value_is_minor_and_any_other_major() -> None:
    assert changes_of(whole(), amount(21, 2)) == [("minor", "extra is decimal(21,2), not bigint")]
    assert changes_of(amount(21, 2), whole()) == [("major", "extra is bigint, not decimal(21,2)")]


@pytest.mark.parametrize(
    ("before", "after", "is_lossless"),
    [
        ("decimal(18,2)", "decimal(18,2)", True),
        ("decimal(18,2)", "decimal(19,3)", True),
        ("decimal(18,2)", "decimal(18,3)", False),
        ("decimal(18,2)", "decimal(20,1)", False),
        ("decimal(18,2)", "bigint", False),
        ("bigint", "decimal(19,0)", True),
        ("bigint", "decimal(21,2)", True),
        ("bigint", "decimal(20,2)", False),
        ("bigint", "varchar", True),
        ("decimal(18,2)", "varchar", True),
        ("boolean", "varchar", True),
        ("timestamp", "varchar", True),
        ("varchar", "varchar", True),
        ("varchar", "bigint", False),
        ("boolean", "bigint", False),
        ("timestamp", "bigint", False),
        ("varchar[]", "varchar", False),
    ],
)
def test_which_types_widen(before: str, after: str, *, is_lossless: bool) -> None:
    assert widens(before, after) is is_lossless


LOOSER: list[tuple[PromisedColumn, PromisedColumn]] = [
    (whole(gt=1), whole(gt=0)),
    (whole(gt=1), whole(ge=1)),
    (whole(ge=1), whole(ge=0)),
    (whole(lt=9), whole(le=9)),
    (whole(le=9), whole(le=10)),
    (whole(in_range=(1, 5)), whole(in_range=(0, 5))),
    (whole(in_range={"min_value": 1, "max_value": 5, "include_min": False}), whole(in_range=(1, 5))),
    (whole(in_range=(1, 5)), whole(ge=1)),
    (text(isin=["a", "b"]), text(isin=["c", "b", "a"])),
    (text(notin=["a", "b"]), text(notin=["a"])),
    (text(notin=["a", "b"]), text(ne="a")),
    (text(str_length=(2, 5)), text(str_length=(1, 6))),
    (text(str_length=(2, 5)), text(str_length={"max_value": 5})),
    (text(str_length=3), text(str_length=(0, 3))),
    (text(str_matches="a|b"), text()),
    (text(visible_characters={"visible": True}), text()),
]


@pytest.mark.parametrize(("tight", "loose"), LOOSER)
def test_a_check_that_lets_more_through_is_minor_and_the_way_back_is_major(
    tight: PromisedColumn, loose: PromisedColumn
) -> None:
    assert {level for level, _ in changes_of(tight, loose)} == {"minor"}
    assert highest_level(compare(promise({"extra": loose}), promise({"extra": tight}))) == "major"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (text(str_matches="a|b"), text(str_matches="a|b|c")),
        (text(str_contains="a"), text(str_matches="a")),
        (text(isin=["a", "b"]), text(isin=["b", "c"])),
        (whole(in_range=(0, 5)), whole(in_range=(1, 6))),
        (whole(eq=1), whole(eq=2)),
        (whole(ge=1), whole(ge="one")),
    ],
)
def test_a_check_that_changes_in_an_unknown_way_is_major_both_ways(
    before: PromisedColumn, after: PromisedColumn
) -> None:
    assert highest_level(compare(promise({"extra": before}), promise({"extra": after}))) == "major"
    assert highest_level(compare(promise({"extra": after}), promise({"extra": before}))) == "major"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (text(isin=["a", "b"]), text(isin=["b", "a"])),
        (whole(in_range=(0, 5)), whole(ge=0, le=5)),
        (text(str_length=3), text(str_length=(3, 3))),
        (text(notin=["a"]), text(ne="a")),
    ],
)
def test_a_check_that_says_the_same_in_other_words_is_no_change(before: PromisedColumn, after: PromisedColumn) -> None:
    assert changes_of(before, after) == []
    assert changes_of(after, before) == []


def test_the_words_say_what_became_of_a_check() -> None:
    assert changes_of(truth(), truth(eq=True)) == [("major", "extra: check added: equal_to(value=True)")]
    assert changes_of(text(isin=["a"]), text(isin=["b"])) == [
        ("major", "extra: check changed to isin(allowed_values=['b'])")
    ]
    assert changes_of(text(isin=["a"]), text(isin=["a", "b"])) == [
        ("minor", "extra: check loosened, it was isin(allowed_values=['a'])")
    ]
    assert changes_of(text(isin=["a"]), text()) == [("minor", "extra: check removed: isin(allowed_values=['a'])")]


def refunds(size: str, *allowed: str) -> dict[str, dict[str, Any]]:
    return {"negative_only_where": {"column": size, "status": "label", "allowed": list(allowed)}}


@pytest.mark.parametrize(("size", "other"), [("size", "void"), ("lower_size", "void"), ("upper_size", "cancelled")])
def test_checks_of_the_whole_record_count_too_whatever_columns_are_called(size: str, other: str) -> None:
    columns = {size: whole(), "label": text(nullable=True)}
    strict = promise(columns, rules=refunds(size, "refunded"))
    lenient = promise(columns, rules=refunds(size, other, "refunded"))
    assert [(change.level, change.column) for change in compare(strict, lenient)] == [("minor", None)]
    assert [(change.level, change.column) for change in compare(lenient, strict)] == [("major", None)]
    assert [change.level for change in compare(promise(columns), strict)] == ["major"]
    assert [change.level for change in compare(strict, promise(columns))] == ["minor"]


REQUIRED = {"size": whole(), "label": text()}


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0", "0.9.0", "1.99.0"])
def test_a_major_change_needs_the_next_major_version(version: str) -> None:
    message = re.escape(
        f"Things {version} is not what 1.0.0 promised (major: label is required, not nullable). "
        "Raise the version to at least 2.0.0."
    )
    with pytest.raises(ContractError, match=message):
        assert_version_raised(PLAIN, promise(REQUIRED, version=version))


@pytest.mark.parametrize("version", ["2.0.0", "2.3.1", "10.0.0"])
def test_the_next_major_version_will_do_for_any_change(version: str) -> None:
    assert_version_raised(PLAIN, promise(REQUIRED, version=version))


def test_a_minor_change_needs_the_next_minor_version() -> None:
    before = promise(REQUIRED, version="1.9.3")
    with pytest.raises(ContractError, match=r"minor: label is nullable.*at least 1\.10\.0\."):
        assert_version_raised(before, promise({"size": whole(), "label": text(nullable=True)}, version="1.9.4"))
    assert_version_raised(before, promise({"size": whole(), "label": text(nullable=True)}, version="1.10.0"))


@pytest.mark.parametrize("version", ["1.0.0", "0.1.0", "3.0.0"])
def test_words_alone_need_no_new_version(version: str) -> None:
    described = {"size": whole(description="In millimetres"), "label": text(nullable=True)}
    assert_version_raised(PLAIN, promise(described, version=version))
    assert_version_raised(PLAIN, promise({"size": whole(), "label": text(nullable=True)}, version=version))


def test_versions_are_ordered_as_numbers() -> None:
    assert sorted(["1.10.0", "1.9.0", "10.0.0", "2.0.0"], key=version_numbers) == ["1.9.0", "1.10.0", "2.0.0", "10.0.0"]

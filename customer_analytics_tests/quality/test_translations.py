"""Every check that a contract may name judges alike in SQL and in pandera, nulls included."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import duckdb
import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors

from customer_analytics.contracts.contract import Check, ContractError, read_model
from customer_analytics.contracts.fields import identifier, utc_timestamp
from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.contracts.source import Source
from customer_analytics.quality import translations
from customer_analytics.quality.compiler import assert_judgeable
from customer_analytics.quality.translations import translate
from customer_analytics_tests.scenario import DAY

NUMBERS = [None, -1, 0, 1, 2, 3, 10]
TEXTS = [
    None,
    "",
    "a",
    "ab",
    "abc",
    "b",
    "Abc",
    "xabc",
    "a.c",
    "a\nb",
    "é",
    "日本語",
    "🤦🏼‍♂️",
    "it's",
    "%",
    "a\u200bb",
    "\x7f",
    "\u202e",
]

CHECKS: list[tuple[pa.Check, Sequence[Any]]] = [
    (pa.Check.equal_to(1), NUMBERS),
    (pa.Check.equal_to("it's"), TEXTS),
    (pa.Check.not_equal_to(1), NUMBERS),
    (pa.Check.greater_than(1), NUMBERS),
    (pa.Check.greater_than_or_equal_to(1), NUMBERS),
    (pa.Check.less_than(1), NUMBERS),
    (pa.Check.less_than_or_equal_to(1), NUMBERS),
    (pa.Check.in_range(0, 2), NUMBERS),
    (pa.Check.in_range(0, 2, include_min=False), NUMBERS),
    (pa.Check.in_range(0, 2, include_max=False), NUMBERS),
    (pa.Check.isin([0, 2]), NUMBERS),
    (pa.Check.isin(["a", "it's"]), TEXTS),
    (pa.Check.isin([1, 2, 3, 4, 5, 6, 7]), NUMBERS),
    (pa.Check.isin([Decimal("1.50"), Decimal(3)]), [None, Decimal("1.5"), Decimal("3.00"), Decimal("-3.00")]),
    (
        pa.Check.isin([datetime(2026, 3, 10), datetime(2026, 3, 11)]),
        [None, datetime(2026, 3, 10), datetime(2026, 3, 12)],
    ),
    (pa.Check.notin([0, 2]), NUMBERS),
    (pa.Check.notin(["a", "it's"]), TEXTS),
    (pa.Check.str_length(1, 3), TEXTS),
    (pa.Check.str_length(min_value=2), TEXTS),
    (pa.Check.str_length(max_value=2), TEXTS),
    (pa.Check.str_length(exact_value=3), TEXTS),
    (pa.Check.str_matches("a|b"), TEXTS),
    (pa.Check.str_matches(r"[a-z.]{2,3}"), TEXTS),
    (pa.Check.str_matches("abc$"), TEXTS),
    (pa.Check.str_contains("bc|日"), TEXTS),
    (pa.Check.str_startswith("a."), TEXTS),
    (pa.Check.str_endswith("bc"), TEXTS),
    (pa.Check.visible_characters(visible=True), TEXTS),
    (pa.Check.visible_characters(visible=False), TEXTS),
]


def refused_by_sql(check: pa.Check, values: Sequence[Any]) -> list[Any]:
    parameters = tuple((name, value) for name, value in (check.statistics or {}).items() if value is not None)
    condition = translate(Check(str(check.name), parameters), "value")
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select value from (select unnest($values) as value) where not ({condition.sql})", {"values": list(values)}
        ).fetchall()
    return [value for (value,) in rows]


def refused_by_pandera(check: pa.Check, values: Sequence[Any]) -> list[Any]:
    with pytest.raises(SchemaErrors) as refused:
        pa.SeriesSchema(checks=check, nullable=True).validate(pd.Series(list(values), dtype=object), lazy=True)
    failures = refused.value.failure_cases["index"]
    assert failures.notna().all(), refused.value
    return [values[int(index)] for index in sorted(failures)]


@pytest.mark.parametrize(("check", "values"), CHECKS, ids=lambda part: repr(part) if isinstance(part, pa.Check) else "")
def test_sql_refuses_what_pandera_refuses(check: pa.Check, values: Sequence[Any]) -> None:
    refused = refused_by_sql(check, values)
    assert refused == refused_by_pandera(check, values)
    assert refused
    assert None not in refused


def test_every_translation_of_a_column_check_is_held_to_pandera() -> None:
    assert {str(check.name) for check, _ in CHECKS} == set(translations._OF_COLUMNS)


RECORDS: dict[str, tuple[dict[str, Any], list[tuple[Any, Any]], str]] = {
    "negative_only_where": (
        {"column": "a", "status": "b", "allowed": ["refunded"]},
        [(1, "paid"), (-1, "paid"), (-1, "refunded"), (0, "paid"), (None, "paid"), (-1, None)],
        "a bigint, b varchar",
    ),
    "not_before": (
        {"column": "a", "earlier": "b"},
        [
            (datetime(2026, 1, 2), datetime(2026, 1, 1)),
            (datetime(2026, 1, 1), datetime(2026, 1, 1)),
            (datetime(2026, 1, 1), datetime(2026, 1, 2)),
            (None, datetime(2026, 1, 1)),
            (datetime(2026, 1, 1), None),
        ],
        "a timestamp, b timestamp",
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_sql_refuses_the_records_that_pandera_refuses(name: str) -> None:
    parameters, rows, columns = RECORDS[name]
    condition = translate(Check(name, tuple(parameters.items())), None)
    with duckdb.connect() as connection:
        connection.execute(f"create table records (n integer, {columns})")
        connection.executemany("insert into records values (?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
        refused = connection.execute(f"select n from records where not ({condition.sql})").fetchall()
    good = getattr(pa.Check, name)(**parameters)(pd.DataFrame(rows, columns=["a", "b"])).check_output
    complete = [n for n, row in enumerate(rows) if row[1] is not None]
    assert [n for (n,) in refused] == [n for n in complete if not good[n]]
    assert refused


def test_every_translation_of_a_record_check_is_held_to_pandera() -> None:
    assert set(RECORDS) == set(translations._OF_RECORDS)


class Base(pa.DataFrameModel):
    """A contract to which tests add one column."""

    record_id: str = identifier("The key", unique=True)
    happened_at: pd.DatetimeTZDtype = utc_timestamp("When")

    class Config:
        """What a contract must say."""

        metadata: ClassVar = {"version": "1.0.0", "event_time": "happened_at"}


def assert_refused(model: type[pa.DataFrameModel], *named: str) -> None:
    with pytest.raises(ContractError) as refused:
        assert_judgeable(Source("things", read_model(model), SourcePolicy()))
    assert all(word in str(refused.value) for word in named), str(refused.value)


def test_a_check_without_translation_is_refused_by_name() -> None:
    class Custom(Base):
        code: str

        @pa.check("code")
        def is_palindrome(cls, values: "pd.Series[str]") -> "pd.Series[bool]":  # noqa: N805
            return values == values.str[::-1]

    assert_refused(Custom, "is_palindrome", "'code'", "no SQL translation", "quality/translations.py")


def test_a_check_of_the_whole_record_without_translation_is_refused() -> None:
    class Custom(Base):
        @pa.dataframe_check
        def is_early(cls, frame: pd.DataFrame) -> "pd.Series[bool]":  # type: ignore[misc]  # noqa: N805
            return frame["happened_at"] < pd.Timestamp(DAY, tz="UTC")

    assert_refused(Custom, "is_early", "of the record")


def test_a_pattern_that_sql_cannot_read_is_refused() -> None:
    class LookAhead(Base):
        code: str = pa.Field(str_matches=r"(?=a)b")

    assert_refused(LookAhead, "LookAhead", "cannot be judged in SQL")


def test_a_constant_that_sql_cannot_write_is_refused() -> None:
    class Strange(Base):
        code: int = pa.Field(gt=object())

    with pytest.raises((ContractError, TypeError)):
        assert_judgeable(Source("things", read_model(Strange), SourcePolicy()))


def test_decimal_bounds_are_exact() -> None:
    check = Check("less_than_or_equal_to", (("max_value", Decimal("0.1")),))
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {translate(check, 'value').sql} from (select 0.10::decimal(18,2) as value)"
        ).fetchone()
    assert found == (True,)

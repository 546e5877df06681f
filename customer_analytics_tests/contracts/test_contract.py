"""Reading contracts: what is promised comes out complete, and what cannot be judged is refused with a remedy."""

import datetime
from typing import Any, ClassVar

import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.engines.pandas_engine import Decimal

from customer_analytics.contracts.contract import Check, ContractError, load_contract, read_model
from customer_analytics.contracts.fields import identifier, utc_timestamp
from customer_analytics.contracts.policy import Limit, SourcePolicy
from customer_analytics.contracts.source import Source
from customer_analytics_tests.scenario import ORDERS, TICKETS


class Things(pa.DataFrameModel):
    """A small contract, right in every way."""

    thing_id: str = identifier("The key", unique=True)
    made_at: pd.DatetimeTZDtype = utc_timestamp("When")
    weight: Decimal = pa.Field(dtype_kwargs={"precision": 9, "scale": 3}, nullable=True)
    count: int
    is_new: bool

    class Config:
        """What a contract must say."""

        metadata: ClassVar = {"version": "2.0.0", "event_time": "made_at"}


def refusal(model: type[pa.DataFrameModel]) -> str:
    with pytest.raises(ContractError) as refused:
        read_model(model)
    assert model.__name__ in str(refused.value)
    return str(refused.value)


def test_a_contract_is_read_from_its_model() -> None:
    contract = read_model(Things)
    assert (contract.name, contract.version, contract.key, contract.event_time) == (
        "Things",
        "2.0.0",
        "thing_id",
        "made_at",
    )
    assert {column.name: (column.sql_type, column.nullable) for column in contract.columns} == {
        "thing_id": ("varchar", False),
        "made_at": ("timestamp", False),
        "weight": ("decimal(9,3)", True),
        "count": ("bigint", False),
        "is_new": ("boolean", False),
    }


def test_orders_promise_what_the_design_says() -> None:
    contract = load_contract("customer_analytics.contracts.orders.Orders")
    assert contract.column_names == ("order_id", "customer_id", "order_date", "total_amount", "status")
    assert contract.checks == (
        Check(
            "negative_only_where",
            (("allowed", ["refunded", "cancelled"]), ("column", "total_amount"), ("status", "status")),
        ),
    )
    assert TICKETS.contract.columns[-1].nullable


def test_two_keys_are_refused() -> None:
    class TwoKeys(Things):
        other_id: str = identifier("Another key", unique=True)

    assert "exactly one column must be unique" in refusal(TwoKeys)


def test_no_key_is_refused() -> None:
    class NoKey(Things):
        thing_id: str = identifier("No key")

    assert "found none" in refusal(NoKey)


def test_a_key_of_several_columns_is_refused() -> None:
    class Joint(Things):
        class Config(Things.Config):
            unique: ClassVar = ["made_at", "count"]

    assert "unique over several columns" in refusal(Joint)


@pytest.mark.parametrize("missing", ["version", "event_time"])
def test_a_missing_setting_is_refused(missing: str) -> None:
    class Incomplete(Things):
        class Config(Things.Config):
            metadata: ClassVar = {name: text for name, text in Things.Config.metadata.items() if name != missing}

    assert f'add "{missing}"' in refusal(Incomplete)


@pytest.mark.parametrize("event_time", ["nowhere", "count"])
def test_an_event_time_that_is_no_time_is_refused(event_time: str) -> None:
    class Timeless(Things):
        class Config(Things.Config):
            metadata: ClassVar = {"version": "1.0.0", "event_time": event_time}

    assert f"{event_time!r}, which is not a timestamp column" in refusal(Timeless)


@pytest.mark.parametrize("name", ["Extra", "extra column", "_extra", "1st", "größe"])
def test_a_column_name_that_is_not_snake_case_is_refused(name: str) -> None:
    class Misnamed(Things):
        extra: str = pa.Field(alias=name)

    assert "lower_snake_case" in refusal(Misnamed)


def test_a_column_that_every_table_has_is_refused() -> None:
    class Twice(Things):
        delivery_day: str

    assert "are not delivery_day, which stands in every table already" in refusal(Twice)


@pytest.mark.parametrize("kind", [float, datetime.date, "int8", "uint64", "datetime64[us, Europe/Berlin]", "category"])
def test_a_type_that_cannot_be_judged_is_refused(kind: Any) -> None:
    schema = Things.to_schema().add_columns({"extra": pa.Column(kind)})

    class Unjudged(Things):
        @classmethod
        def to_schema(cls) -> pa.DataFrameSchema:
            return schema

    assert "extra: type" in refusal(Unjudged)
    assert "Use str, int64, bool, a Decimal or a UTC timestamp" in refusal(Unjudged)


@pytest.mark.parametrize("path", ["", "Orders", "customer_analytics.contracts.orders.Nothing", "no.such.module.Model"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(ContractError, match="No contract at"):
        load_contract(path)


def test_a_path_to_something_else_is_refused() -> None:
    with pytest.raises(ContractError, match="is not a pandera DataFrameModel"):
        load_contract("customer_analytics.contracts.contract.Contract")


def test_the_fingerprint_changes_with_the_promise_and_with_the_policy() -> None:
    class Stricter(Things):
        count: int = pa.Field(ge=0)

    class OtherThings(Things):
        pass

    OtherThings.__name__ = "Things"
    assert read_model(Things).fingerprint == read_model(Things).fingerprint
    assert read_model(Things).fingerprint != read_model(Stricter).fingerprint
    policy = SourcePolicy(quarantine=Limit(warn=0, block=0))
    assert Source("orders", ORDERS.contract, policy).fingerprint != ORDERS.fingerprint
    kept_shorter = ORDERS.policy.model_copy(update={"retention_days": 7})
    assert Source("orders", ORDERS.contract, kept_shorter).fingerprint == ORDERS.fingerprint


@pytest.mark.parametrize("name", ["Orders", "1st", "or-ders", "../orders", 'or"ders', ""])
def test_a_source_that_cannot_be_a_folder_and_a_table_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="lower_snake_case"):
        Source(name, ORDERS.contract, SourcePolicy())


def test_a_limit_for_an_unknown_column_is_refused() -> None:
    with pytest.raises(ContractError, match="nulls names \\['colour'\\]"):
        Source("orders", ORDERS.contract, SourcePolicy(nulls={"colour": Limit(warn=0, block=1)}))


def test_a_limit_that_blocks_before_it_warns_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be above block"):
        Limit(warn=0.5, block=0.1)

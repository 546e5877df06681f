"""Contracts in the Open Data Contract Standard: nothing is lost on the way out and back."""

import json
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pandas as pd
import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given, settings

from customer_analytics.contracts.contract import Check, Column, Contract, ContractError
from customer_analytics.contracts.odcs import export_contract, import_contract
from customer_analytics.contracts.source import Source
from customer_analytics.quality import translations
from customer_analytics_tests.contracts.drawn import contracts
from customer_analytics_tests.contracts.models import PromisedColumn, amount, promise, text, time, whole
from customer_analytics_tests.scenario import EVENTS, ORDERS, TICKETS

SCHEMA = resources.files("open_data_contract_standard") / "schema.json"
STANDARD = jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def assert_round_trip(contract: Contract, name: str) -> None:
    exported = export_contract(contract, name)
    found, imported = import_contract(exported)
    assert (found, imported) == (name, contract)
    assert imported.fingerprint == contract.fingerprint
    assert export_contract(imported, found) == exported
    STANDARD.validate(yaml.safe_load(exported))


@pytest.mark.parametrize("source", [ORDERS, TICKETS, EVENTS], ids=lambda source: source.name)
def test_a_shipped_contract_comes_back_as_it_was_and_keeps_to_the_standard(source: Source) -> None:
    assert_round_trip(source.contract, source.name)


@settings(max_examples=60, deadline=None)
@given(contracts())
def test_any_contract_comes_back_as_it_was_and_keeps_to_the_standard(contract: Contract) -> None:
    assert_round_trip(contract, "things")


EVERY_CHECK = {
    "code": text(
        eq="a",
        ne="b",
        isin=["a"],
        notin=["b"],
        str_length=(1, 2),
        str_matches="a",
        str_contains="a",
        str_startswith="a",
        str_endswith="a",
        visible_characters={"visible": True},
    ),
    "count": whole(gt=0, ge=1, lt=9, le=8, in_range=(1, 8)),
}


def test_every_check_that_can_be_judged_comes_back() -> None:
    contract = promise(EVERY_CHECK)
    assert {check.name for column in contract.columns for check in column.checks} == set(translations._OF_COLUMNS)
    assert_round_trip(contract, "things")


@pytest.mark.parametrize("word", ["a\x85b", "\u2028", "\u2029 ", "\r\n", "\ufeff", "\x00", "yes", "1_0", "ü", "\u202e"])
def test_every_text_comes_back_exactly(word: str) -> None:
    allowed = [word, "x"]
    assert_round_trip(promise({"a": text(isin=allowed, description=word), "b": text(isin=allowed)}), "things")


@pytest.mark.parametrize("collection", [set, frozenset])
def test_a_set_of_values_comes_back_as_a_set_in_one_order(collection: type) -> None:
    contract = promise({"code": text(isin=collection(["c", "a", "b"]))})
    exported = export_contract(contract, "things")
    assert import_contract(exported) == ("things", contract)
    assert exported.index("- a\n") < exported.index("- b\n") < exported.index("- c\n")


def property_of(column: PromisedColumn) -> dict[str, Any]:
    """The ODCS property of a column, without what all have."""
    document = yaml.safe_load(export_contract(promise({"extra": column}), "things"))
    found: dict[str, Any] = document["schema"][0]["properties"][-1]
    return {key: value for key, value in found.items() if key not in ("name", "required")}


def test_what_the_standard_has_a_field_for_stands_there() -> None:
    assert property_of(text(str_length=(1, 9), str_contains="a+", description="It says")) == {
        "description": "It says",
        "logicalType": "string",
        "physicalType": "varchar",
        "logicalTypeOptions": {"minLength": 1, "maxLength": 9, "pattern": "a+"},
    }
    assert property_of(text(str_matches="a|b"))["logicalTypeOptions"] == {"pattern": "^(?:a|b)"}
    assert property_of(whole(in_range={"min_value": 0, "max_value": 9, "include_max": False})) == {
        "logicalType": "integer",
        "physicalType": "bigint",
        "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 9},
    }
    assert property_of(amount(9, 3, gt=Decimal("0.125"))) == {
        "logicalType": "number",
        "physicalType": "decimal(9,3)",
        "logicalTypeOptions": {"exclusiveMinimum": 0.125},
    }
    assert property_of(time(ge=pd.Timestamp("2020-01-01", tz="UTC")))["logicalTypeOptions"] == {
        "minimum": "2020-01-01T00:00:00+00:00"
    }
    assert property_of(text(isin=["a", "b"]))["quality"] == [
        {"type": "library", "metric": "invalidValues", "arguments": {"validValues": ["a", "b"]}, "mustBe": 0}
    ]


def test_what_the_standard_would_give_back_otherwise_stands_as_a_rule_of_pandera() -> None:
    assert property_of(amount(gt=Decimal("0.10"))) == {
        "logicalType": "number",
        "physicalType": "decimal(18,2)",
        "quality": [
            {
                "type": "custom",
                "name": "greater_than",
                "engine": "pandera",
                "implementation": {"check": "greater_than", "parameters": {"min_value": {"decimal": "0.10"}}},
            }
        ],
    }
    assert "logicalTypeOptions" not in property_of(text(ge="a"))


@pytest.mark.parametrize(
    "value",
    [pd.Timestamp("2020-01-01", tz="Europe/Berlin"), 1j, b"a", range(3)],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_would_not_come_back_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(ContractError, match=r"extra, check equal_to: .* has no exact form in YAML"):
        export_contract(promise({"extra": text(eq=value)}), "things")


def test_a_contract_that_no_model_gives_is_refused() -> None:
    checks = (Check("str_startswith", (("string", "a"),)), Check("str_endswith", (("string", "b"),)))
    backwards = Column("extra", "varchar", nullable=False, description="", checks=checks)
    contract = promise()
    with pytest.raises(ContractError, match="Things: it would come back otherwise"):
        export_contract(replace(contract, columns=(*contract.columns, backwards)), "things")

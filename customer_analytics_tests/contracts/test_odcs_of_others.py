"""Somebody else's file in the Open Data Contract Standard: it is understood, or refused with its place and a remedy."""

from decimal import Decimal

import pandas as pd
import pytest

from customer_analytics.contracts.contract import Check, ContractError
from customer_analytics.contracts.odcs import export_contract, import_contract

# Only what the standard asks for, and what it takes to be judged here.
STRANGER = """
apiVersion: v3.0.2
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 2.1.0
status: active
tags: [sales]
schema:
  - name: CustomerOrders
    customProperties:
      - {property: eventTime, value: placed_at}
    properties:
      - {name: order_no, logicalType: string, physicalType: text, primaryKey: true, tags: [id]}
      - {name: placed_at, logicalType: timestamp, required: true, logicalTypeOptions: {minimum: 2020-01-01}}
      - {name: total, logicalType: number, physicalType: "NUMERIC(12, 2)", logicalTypeOptions: {minimum: 0.5}}
      - name: kind
        logicalType: string
        enum: [{value: new}, {value: used}]
        quality:
          - {type: text, description: Nobody can check this.}
"""


def test_a_strangers_file_becomes_a_contract() -> None:
    name, contract = import_contract(STRANGER)
    assert (name, contract.name, contract.version) == ("customer_orders", "CustomerOrders", "2.1.0")
    assert (contract.key, contract.event_time) == ("order_no", "placed_at")
    assert [(column.name, column.sql_type, column.nullable) for column in contract.columns] == [
        ("order_no", "varchar", False),
        ("placed_at", "timestamp", False),
        ("total", "decimal(12,2)", True),
        ("kind", "varchar", True),
    ]
    since = pd.Timestamp("2020-01-01", tz="UTC")
    assert [column.checks for column in contract.columns[1:]] == [
        (Check("greater_than_or_equal_to", (("min_value", since),)),),
        (Check("greater_than_or_equal_to", (("min_value", Decimal("0.5")),)),),
        (Check("isin", (("allowed_values", ["new", "used"]),)),),
    ]
    assert import_contract(export_contract(contract, name)) == (name, contract)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("apiVersion: v3.0.2", "apiVersion: v2.2.2", r"apiVersion 'v2\.2\.2' cannot be read.*version 3 of ODCS"),
        ("version: 2.1.0", "version: '2.1'", r"version '2\.1' is not a semantic version.*1\.0\.0"),
        ("version: 2.1.0", "version: 2.1", r"not an ODCS document: version"),
        ("tags: [sales]", "labels: [sales]", "not an ODCS document: labels"),
        ("CustomerOrders", "注文", "no source can be made of this name"),
        ("primaryKey: true", "primaryKey: false", "exactly one property must have primaryKey: true; found none"),
        ("required: true", "primaryKey: true", "found order_no, placed_at"),
        ("eventTime", "happened", r"customProperties the property eventTime.*\(there are: placed_at\)"),
        ("value: placed_at", "value: total", r"eventTime with the name of a timestamp column"),
        ("name: total", "name: Total", r"property Total: no column can have this name.*lower_snake_case"),
        ("name: total", "name: delivery_day", "not delivery_day"),
        ("name: total", "name: kind", "two properties have the same name"),
        (
            '"NUMERIC(12, 2)"',
            "float",
            r"property total: logicalType 'number' with physicalType 'float'.*decimal\(18,2\)",
        ),
        ('"NUMERIC(12, 2)"', "'decimal(39,2)'", r"physicalType 'decimal\(39,2\)' has no counterpart"),
        ("logicalType: timestamp", "logicalType: date", r"property placed_at: logicalType 'date'"),
        ("minimum: 0.5", "multipleOf: 0.5", r"property total: multipleOf has no counterpart for decimal\(12,2\)"),
        ("minimum: 0.5", "minimum: half", r"property total: 'half' \(str\) is no value of decimal"),
        ("minimum: 2020-01-01", "minimum: soon", r"'soon' cannot be read as timestamp"),
        ("minimum: 2020-01-01", "defaultTimezone: Europe/Berlin", "defaultTimezone has no counterpart"),
        ("{value: used}", "{value: yes}", r"True \(bool\) is no value of varchar.*quotes"),
        ("physicalType: text", "logicalTypeOptions: {minLength: few}", "minLength and maxLength are whole numbers"),
        ("physicalType: text", "logicalTypeOptions: {minLength: 9, maxLength: 1}", "str_length cannot be made"),
        ("physicalType: text", "logicalTypeOptions: {pattern: 5}", "pattern must be a text"),
        ("name: kind", "name: kind\n        unique: true", "only the primary key can be unique"),
        ("{type: text,", "{type: sql, query: select 1,", "quality rule 'sql' has no counterpart. Remove it"),
        ("{type: text,", "{metric: nullValues, mustBe: 0,", "quality rule 'nullValues' has no counterpart"),
        ("{type: text,", "{metric: invalidValues, mustBeLessThan: 5,", "quality rule 'invalidValues'"),
        ("{type: text,", "{type: custom, engine: soda, implementation: x,", "quality rule 'soda'"),
        (
            "{type: text,",
            "{metric: invalidValues, mustBe: 0, arguments: {validValues: [old]},",
            "enum and validValues name different values",
        ),
        (
            "{type: text,",
            "{type: custom, engine: pandera, implementation: {check: isin, parameters: {allowed: [a]}},",
            "check isin cannot be made",
        ),
        (
            "{type: text,",
            "{type: custom, engine: pandera, implementation: {check: eq, parameters: {value: {decimal: x}}},",
            "check eq: .*cannot be read",
        ),
        (
            "{type: text,",
            "{type: custom, engine: pandera, implementation: {check: eq, parameters: {value: {a: 1, b: 2}}},",
            "check eq: .*is no value of a check",
        ),
        (
            "{type: text,",
            "{type: custom, engine: pandera, implementation: {check: eq, parameters: {value: a, 1: b}},",
            "quality rule 'pandera' has no counterpart",
        ),
        (
            "{type: text,",
            "{type: custom, engine: pandera, implementation: {check: isin, parameters: {allowed_values: a, name: x}},",
            "check isin has no parameter name",
        ),
        ("value: placed_at}", "value: placed_at}\n      - {property: model, value: 'a b'}", "model is 'a b'"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_its_place_and_a_remedy(old: str, new: str, message: str) -> None:
    assert old in STRANGER
    with pytest.raises(ContractError, match=message):
        import_contract(STRANGER.replace(old, new, 1))


def test_several_schema_objects_and_none_are_refused() -> None:
    with pytest.raises(ContractError, match="exactly one schema object, not 2"):
        import_contract(STRANGER + "  - {name: other}\n")
    with pytest.raises(ContractError, match="exactly one schema object, not 0"):
        import_contract("apiVersion: v3.1.0\nversion: 1.0.0\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "a: [",
        "\x00",
        "[" * 5000,
        "!!python/object/apply:os.getcwd []",
        "a: &x 1\nb: *x\n",
        "a: 2026-13-45",
    ],
    ids=["empty", "list", "torn", "binary", "deep", "code", "alias", "no date"],
)
def test_what_is_no_plain_yaml_document_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="This is not"):
        import_contract(text)

"""The Python source of a contract: it promises the same, and no text in it becomes code."""

import ast
import datetime
import importlib.util
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from customer_analytics.contracts.contract import Check, Column, Contract, ContractError, read_model
from customer_analytics.contracts.rendering import render_model
from customer_analytics.contracts.source import Source
from customer_analytics_tests.contracts.drawn import contracts
from customer_analytics_tests.contracts.models import PromisedColumn, amount, promise, text, time, whole
from customer_analytics_tests.scenario import EVENTS, ORDERS, TICKETS

SHIPPED = pytest.mark.parametrize("source", [ORDERS, TICKETS, EVENTS], ids=lambda source: source.name)


def executed(code: str, model: str) -> Contract:
    names: dict[str, Any] = {"__name__": "rendered"}
    exec(compile(code, "rendered.py", "exec"), names)
    return read_model(names[model])


def with_column(
    name: str = "extra", *, sql_type: str = "varchar", description: str = "", checks: tuple[Check, ...] = ()
) -> Contract:
    """A contract whose last column no model has been asked about, as one from a file."""
    column = Column(name, sql_type, nullable=True, description=description, checks=checks)
    return replace(promise(), columns=(*promise().columns, column))


@SHIPPED
def test_the_model_of_a_shipped_contract_promises_the_same(source: Source, tmp_path: Path) -> None:
    file = tmp_path / f"{source.name}.py"
    file.write_text(render_model(source.contract, source.name), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(source.name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    read = read_model(getattr(module, source.contract.name))
    assert read == source.contract
    assert read.fingerprint == source.contract.fingerprint


@settings(max_examples=40, deadline=None)
@given(contracts())
def test_the_model_of_any_contract_promises_the_same(contract: Contract) -> None:
    assert executed(render_model(contract, "things"), "Things") == contract


@SHIPPED
def test_the_model_is_written_as_people_here_write(source: Source, tmp_path: Path) -> None:
    file = tmp_path / f"{source.name}.py"
    file.write_text(render_model(source.contract, source.name), encoding="utf-8")
    ruff, settings_file = str(Path(sys.executable).with_name("ruff")), str(Path(__file__).parents[2] / "pyproject.toml")
    for command in (["format", "--check"], ["check"]):
        found = subprocess.run(
            [ruff, *command, "--config", settings_file, str(file)], capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stdout + found.stderr


def lines_of(column: PromisedColumn) -> str:
    """How a column is written, on one line."""
    code = render_model(promise({"extra": column}), "things")
    found = next(
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.AnnAssign) and "extra" in ast.unparse(node.target)
    )
    return ast.unparse(found)


def test_kinds_that_contracts_share_are_named_where_they_fit_exactly() -> None:
    identifier = {"str_length": (1, 200), "visible_characters": {"visible": True}}
    assert lines_of(text(**identifier, description="Whose")) == "extra: str = identifier('Whose')"
    assert "pa.Field(nullable=True" in lines_of(text(**identifier, nullable=True))
    assert "pa.Field(str_length=" in lines_of(text(str_length=(1, 200)))
    assert lines_of(time(nullable=True)) == "extra: pd.DatetimeTZDtype = utc_timestamp('', nullable=True)"
    assert "pa.Field(dtype_kwargs={'unit': 'us', 'tz': 'UTC'}, gt=" in lines_of(time(gt=pd.Timestamp(0, tz="UTC")))


@pytest.mark.parametrize(
    "column",
    [
        amount(gt=Decimal("0.10"), isin={"allowed_values": (Decimal(1), 2)}),
        time(ge=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), le=pd.Timestamp("2030-01-01", tz="UTC")),
        time(ne=datetime.date(2020, 1, 1)),
        text(isin={"b", "a"}, notin=frozenset({"c"})),
        text(isin=["a long value, which there are many of, so that they fill more than a line"] * 3),
        whole(eq=0),
    ],
)
def test_values_of_every_kind_are_written_exactly(column: PromisedColumn) -> None:
    contract = promise({"extra": column})
    assert executed(render_model(contract, "things"), "Things") == contract


@pytest.mark.parametrize(
    "name", ["class", "from", "pd", "pa", "str", "int", "identifier", "validate", "schema", "decimal"]
)
def test_a_column_whose_name_python_needs_keeps_its_name(name: str) -> None:
    columns = (*promise().columns, *(Column(each, "varchar", True, "", ()) for each in (name, f"{name}_", "zz")))
    contract = replace(promise(), columns=columns)
    assert executed(render_model(contract, "things"), "Things") == contract


HOSTILE = [
    '"""',
    "'''",
    '\\"""\nimport os\nos._exit(1)\n"""',
    "'\"",
    "\\",
    "\n    evil = 1",
    "{evil}",
    "${name}",
    "\r",
    "\x00",
    "\u202e",
    "# -*- coding: utf-7 -*-",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_stays_text(words: str) -> None:
    checks = (Check("isin", (("allowed_values", [words]),)),)
    contract = with_column(description=words, checks=checks)
    code = render_model(contract, "things")
    assert executed(code, "Things") == contract
    assert "\u202e" not in code
    names = {node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ClassDef)}
    assert names == {"Things", "Config"}
    assert not [
        node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import) and node.names[0].name == "os"
    ]


@pytest.mark.parametrize("name", ["a b", "a:\n  x", "Größe", "class", "1st", "a()", "", "pa.DataFrameModel): pass #"])
def test_a_class_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="cannot name a class"):
        render_model(replace(promise(), name=name), "things")


@pytest.mark.parametrize("name", ["../orders", "a b", "class", "Things", 'x"""', "", "a.b"])
def test_a_module_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="cannot name a module"):
        render_model(promise(), name)


@pytest.mark.parametrize("name", ["a b", "A", "a: int = evil()\n    b", "_a", "größe", "", "delivery_day"])
def test_a_column_name_that_could_be_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="no column can have this name"):
        render_model(with_column(name), "things")


@pytest.mark.parametrize("check", ["nullable", "alias", "evil=print()", "unique_values_eq", "is_palindrome"])
def test_a_check_that_pandera_does_not_have_is_refused(check: str) -> None:
    unknown = Check(check, (("value", 1),))
    with pytest.raises(ContractError, match=r"Things\.extra: check .* cannot be written into a model"):
        render_model(with_column(checks=(unknown,)), "things")
    with pytest.raises(ContractError, match=r"Things: check .* cannot be written into a model"):
        render_model(replace(promise(), checks=(unknown,)), "things")


@pytest.mark.parametrize("sql_type", ["double", "decimal(1,2);x", "varchar[]"])
def test_a_type_that_pandera_does_not_have_is_refused(sql_type: str) -> None:
    with pytest.raises(ContractError, match=r"Things\.extra: type .* has no counterpart"):
        render_model(with_column(sql_type=sql_type), "things")


def test_a_bound_without_end_is_refused() -> None:
    with pytest.raises(ContractError, match="bounds nothing"):
        render_model(promise({"extra": amount(lt=float("inf"))}), "things")

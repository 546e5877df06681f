"""``customer-analytics contract``: what a change means and reaches, and contracts as files on their way out and in."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner

from customer_analytics.cli import app
from customer_analytics.contracts.odcs import export_contract, import_contract
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.warehouse.contracts import record_contract
from customer_analytics_tests.components.conftest import Company
from customer_analytics_tests.end_to_end.project import copy_project
from customer_analytics_tests.scenario import NOW, ORDERS, TICKETS, open_at

REFUNDS = """
apiVersion: v3.1.0
kind: DataContract
id: refunds
version: 1.0.0
schema:
  - name: refunds
    customProperties: [{property: eventTime, value: paid_at}]
    properties:
      - {name: refund_id, logicalType: string, primaryKey: true}
      - {name: paid_at, logicalType: timestamp, required: true}
      - {name: amount, logicalType: number, physicalType: "decimal(9,2)", logicalTypeOptions: {minimum: 0}}
"""


def run(*arguments: str, exit_code: int = 0) -> str:
    """What ``contract`` prints, or says of what is wrong on one line."""
    result = CliRunner().invoke(app, ("contract", *arguments))
    assert result.exit_code == exit_code, result.output
    return " ".join(result.output.split()) if exit_code else result.stdout


@pytest.fixture
def changed_orders(tmp_path: Path) -> Path:
    """Orders as a file, the amount in tenths of a cent and of another check."""
    document = yaml.safe_load(export_contract(ORDERS.contract, "orders"))
    amount = next(each for each in document["schema"][0]["properties"] if each["name"] == "total_amount")
    amount |= {"physicalType": "decimal(19,3)", "logicalTypeOptions": {"maximum": 100000}}
    file = tmp_path / "orders.odcs.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def difference(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("diff", *arguments, "--json"))
    return found


@pytest.mark.usefixtures("company")
def test_diff_says_the_level_each_change_and_what_it_reaches(changed_orders: Path) -> None:
    found = difference("orders", str(changed_orders))
    assert found["level"] == "major"
    assert found["changes"] == [
        {
            "level": "major",
            "column": "total_amount",
            "what": "total_amount: check added: less_than_or_equal_to(max_value=100000)",
        },
        {"level": "minor", "column": "total_amount", "what": "total_amount is decimal(19,3), not decimal(18,2)"},
    ]
    assert found["reaches"][0] == {
        "asset": "customer_lifetime_value",
        "columns": ["total_revenue", "gross_revenue", "refunded_amount", "avg_order_value", "estimated_clv"],
    }
    assert [each["asset"] for each in found["reaches"]] == list(DERIVED_ASSETS)


@pytest.mark.usefixtures("company")
def test_diff_prints_the_same_for_people(changed_orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_analytics.cli.common.console.width", 200, raising=False)
    printed = run("diff", "orders", str(changed_orders))
    assert "This is a major change." in printed
    assert "total_amount is decimal(19,3), not decimal(18,2)" in printed
    assert "customer_lifetime_value" in printed
    assert "total_revenue" in printed
    assert "Nothing changes." in run("diff", "orders", "customer_analytics.contracts.orders.Orders")


@pytest.mark.usefixtures("company")
def test_a_change_of_words_reaches_nothing_and_one_of_the_whole_record_all(tmp_path: Path) -> None:
    exported = export_contract(TICKETS.contract, "support_tickets")
    reworded, other_time = tmp_path / "reworded.yaml", tmp_path / "other_time.yaml"
    reworded.write_text(exported.replace("How pressing it is", "How urgent it is"), encoding="utf-8")
    other_time.write_text(exported.replace("value: created_date", "value: resolved_date"), encoding="utf-8")
    assert difference("support_tickets", str(reworded)) == {
        "level": "patch",
        "changes": [{"level": "patch", "column": "priority", "what": "priority is described anew"}],
        "reaches": [],
    }
    reached = {each["asset"]: each["columns"] for each in difference("support_tickets", str(other_time))["reaches"]}
    assert reached.keys() == DERIVED_ASSETS.keys() - {"customer_lifetime_value"}
    assert {"customer_id", "meets_ticket_rule", "tickets_30d", "reasons"} <= set(reached["at_risk_customers"])
    assert "total_revenue" not in reached["at_risk_customers"]
    assert "Nothing that is derived is made from it." in run("diff", "support_tickets", str(reworded))


@pytest.mark.parametrize(("fail_on", "exit_code"), [("major", 0), ("minor", 1), ("patch", 1)])
@pytest.mark.usefixtures("company")
def test_diff_fails_from_the_level_on_that_is_asked_for(fail_on: str, exit_code: int, tmp_path: Path) -> None:
    wider = tmp_path / "wider.yaml"
    exported = export_contract(ORDERS.contract, "orders")
    wider.write_text(exported.replace("decimal(18,2)", "decimal(20,2)"), encoding="utf-8")
    run("diff", "orders", str(wider), "--fail-on", fail_on, exit_code=exit_code)
    run("diff", "orders", "orders", "--fail-on", fail_on)


def test_a_recorded_contract_is_named_by_its_version(company: Company, changed_orders: Path) -> None:
    assert "There is no warehouse at" in run("diff", "orders@1.0.0", "orders", exit_code=1)
    with open_at(company.data / "warehouse.duckdb") as connection:
        record_contract(connection, ORDERS, NOW)
    assert difference("orders@1.0.0", "orders") == {"level": None, "changes": [], "reaches": []}
    assert difference("orders@1.0.0", str(changed_orders))["level"] == "major"
    assert import_contract(run("export", "orders@1.0.0")) == ("orders", ORDERS.contract)
    words = run("diff", "orders@2.0.0", "orders", exit_code=1)
    assert "orders has no recorded contract 2.0.0. Recorded are: 1.0.0." in words


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("order", "There is no contract 'order'. Name a source (marketing_events, orders, support_tickets)"),
        ("no/such/file.yaml", "There is no contract 'no/such/file.yaml'"),
        ("customer_analytics.contracts.orders.Nothing", "No contract at"),
    ],
)
@pytest.mark.usefixtures("company")
def test_a_contract_that_is_not_there_is_refused_with_those_that_are(which: str, words: str) -> None:
    assert words in run("diff", which, "orders", exit_code=1)
    assert words in run("export", which, exit_code=1)


@pytest.mark.usefixtures("company")
def test_export_writes_what_import_reads(tmp_path: Path) -> None:
    assert import_contract(run("export", "orders")) == ("orders", ORDERS.contract)
    told = json.loads(run("export", "orders", "--json"))
    assert import_contract(told.pop("document")) == ("orders", ORDERS.contract)
    assert told == {"source": "orders", "version": "1.0.0", "fingerprint": ORDERS.contract.fingerprint}
    file = tmp_path / "orders.odcs.yaml"
    assert "orders 1.0.0 stands in" in run("export", "orders", "--out", str(file))
    assert import_contract(file.read_text(encoding="utf-8")) == ("orders", ORDERS.contract)
    assert "cannot be written" in run(
        "export", "orders", "--out", str(tmp_path / "no" / "such" / "folder"), exit_code=1
    )


@pytest.fixture
def refunds(tmp_path: Path) -> Path:
    file = tmp_path / "refunds.odcs.yaml"
    file.write_text(REFUNDS, encoding="utf-8")
    return file


@pytest.mark.usefixtures("company")
def test_import_writes_a_model_and_says_what_comes_next(
    refunds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customer_analytics.cli.contract.PROJECT_ROOT", tmp_path)
    model = tmp_path / "customer_analytics" / "contracts" / "paybacks.py"
    model.parent.mkdir(parents=True)
    assert json.loads(run("import", str(refunds), "--name", "paybacks", "--json")) == {
        "source": "paybacks",
        "file": str(model),
        "contract": "customer_analytics.contracts.paybacks.Refunds",
        "scaffold": "dg scaffold defs customer_analytics.components.DailySource paybacks",
    }
    written = model.read_text(encoding="utf-8")
    assert "class Refunds(pa.DataFrameModel):" in written
    assert "is there already. Move it away" in run("import", str(refunds), "--name", "paybacks", exit_code=1)
    assert model.read_text(encoding="utf-8") == written
    elsewhere = tmp_path / "elsewhere.py"
    assert "dg scaffold defs" in run("import", str(refunds), "--out", str(elsewhere))
    assert elsewhere.exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("eventTime", "happened", "Add to the schema's customProperties the property eventTime"),
        ("logicalType: string,", "logicalType: string, logicalTypeOptions: {pattern: '(?=a)b'},", "cannot be judged"),
        ("logicalType: string,", "logicalType: binary,", "has no counterpart"),
    ],
)
@pytest.mark.usefixtures("company")
def test_import_refuses_what_cannot_be_kept(old: str, new: str, words: str, refunds: Path, tmp_path: Path) -> None:
    refunds.write_text(REFUNDS.replace(old, new, 1), encoding="utf-8")
    said = run("import", str(refunds), "--out", str(tmp_path / "model.py"), exit_code=1)
    assert words in said
    assert "refunds.odcs.yaml" in said
    assert not (tmp_path / "model.py").exists()


@pytest.mark.usefixtures("company")
def test_import_refuses_a_name_that_leads_out_of_the_project(refunds: Path) -> None:
    assert "lower_snake_case" in run("import", str(refunds), "--name", "../evil", exit_code=1)


def test_an_imported_contract_becomes_a_source(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project.root / "refunds.yaml").write_text(REFUNDS, encoding="utf-8")
    for program, *arguments in (
        ("customer-analytics", "contract", "import", "refunds.yaml"),
        ("dg", "scaffold", "defs", "customer_analytics.components.DailySource", "refunds"),
    ):
        done = project.run(program, *arguments)
        assert done.returncode == 0, done.stdout
    compared = project.run("customer-analytics", "contract", "diff", "refunds", "refunds.yaml")
    assert "Nothing changes." in compared.stdout

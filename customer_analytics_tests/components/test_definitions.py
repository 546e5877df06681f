"""The code location as a whole: which assets there are, what each says of itself, and that wrong YAML is refused."""

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.metrics.columns.registry import DERIVED_COLUMNS
from customer_analytics.metrics.derived import ALL_SOURCES, DERIVED_ASSETS
from customer_analytics.quality.audit import CHECKS, WARNINGS_ONLY
from customer_analytics.quality.timeliness import ON_TIME
from customer_analytics_tests.components.conftest import Company
from customer_analytics_tests.end_to_end.project import copy_project

SOURCES = ("orders", "support_tickets", "marketing_events")
DERIVED = tuple(DERIVED_ASSETS)

# Columns that say which day a row is about, or what to do: they are made from no column of a source.
WITHOUT_LINEAGE = {
    *((asset, "as_of_date") for asset in DERIVED_ASSETS if asset != "forecast_backtest"),
    ("at_risk_customers", "recommended_action"),
    *(("at_risk_customers", column) for column in ("is_listed", "entered_on", "call_rank", "call_today")),
    ("at_risk_customers", "is_held_out"),
    ("customer_features", "feature_version"),
    *(("customer_value_forecast", column) for column in ("model", "label")),
    *(("forecast_backtest", column) for column in ("horizon_days", "model", "segment", "measure", "known_on")),
}


SENSORS = (
    "customer_aliases_changed",
    "customer_health_report_due",
    "refresh_customers",
    "vanished_runs",
    "watch",
)


# What only runs, looks at what is wrong, exports of contracts or commands use: every process would wait for it.
NOT_LOADED = {
    *("apprise", "httpcore", "matplotlib", "open_data_contract_standard", "prometheus_client", "requests", "rich"),
    *("scipy", "sklearn", "sqlglot", "typer", "urllib3"),
}


def node(company: Company, name: str) -> dg.AssetsDefinition:
    return company.definitions.get_assets_def(dg.AssetKey(name))


def spec(company: Company, name: str) -> dg.AssetSpec:
    return node(company, name).specs_by_key[dg.AssetKey(name)]


def column_names(company: Company, name: str) -> list[str]:
    schema = spec(company, name).metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    return [column.name for column in schema.columns]


def test_there_are_exactly_ten_assets(company: Company) -> None:
    keys = {key.to_user_string() for key in company.definitions.resolve_all_asset_keys()}
    assert keys == {*SOURCES, *DERIVED, "customer_aliases", "customer_health_report"}


def test_loading_the_code_location_imports_nothing_that_only_runs_or_commands_need() -> None:
    program = "import sys; from customer_analytics.definitions import defs; defs(); print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {module.partition(".")[0] for module in printed.split()}
    assert "customer_analytics" in loaded
    assert loaded & NOT_LOADED == set()


def test_each_derived_asset_depends_on_what_it_is_made_from(company: Company) -> None:
    graph = company.definitions.resolve_asset_graph()
    parents = {
        name: {key.to_user_string() for key in graph.get(dg.AssetKey(name)).parent_keys}
        for name in (*SOURCES, *DERIVED, "customer_aliases", "customer_health_report")
    }
    given = {*ALL_SOURCES, "customer_aliases"}
    assert parents == {key: set() for key in (*SOURCES, "customer_aliases")} | {
        "customer_lifetime_value": {"orders", "customer_aliases"},
        "customer_features": given,
        "forecast_backtest": {*given, "customer_features"},
        "customer_value_forecast": {*given, "forecast_backtest"},
        "at_risk_customers": {*given, "customer_value_forecast"},
        "customer_health_report": set(DERIVED),
    }


def test_all_assets_share_their_days_and_compute_a_range_in_one_run(company: Company) -> None:
    definitions = [node(company, name) for name in (*SOURCES, *DERIVED)]
    assert len({definition.partitions_def for definition in definitions}) == 1
    assert isinstance(definitions[0].partitions_def, dg.DailyPartitionsDefinition)
    assert {definition.backfill_policy for definition in definitions} == {dg.BackfillPolicy.single_run()}


def test_all_that_writes_the_warehouse_stands_in_one_pool_and_runs_in_its_run_s_own_process(company: Company) -> None:
    for name in (*SOURCES, *DERIVED):
        operation = node(company, name).node_def
        assert isinstance(operation, dg.OpDefinition)
        assert operation.pools == {"duckdb"}
    assert company.definitions.resolve_implicit_global_asset_job_def().executor_def is dg.in_process_executor


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_nine_checks_by_day_and_only_the_named_ones_cannot_hold_it_back(
    company: Company, source: str
) -> None:
    checks = list(node(company, source).check_specs)
    assert {check.name for check in checks} == {*CHECKS, *ON_TIME}
    assert len(checks) == 9
    assert {check.partitions_def for check in checks} == {node(company, source).partitions_def}
    assert all(check.description for check in checks)
    assert {check.name for check in checks if not check.blocking} == {*WARNINGS_ONLY, *ON_TIME}


@pytest.mark.parametrize("asset", DERIVED)
def test_a_derived_asset_is_audited_by_day_and_lateness_only_warns(company: Company, asset: str) -> None:
    checks = {check.name: check for check in node(company, asset).check_specs}
    assert {"inputs_fresh", "on_time"} < set(checks)
    assert {check.partitions_def for check in checks.values()} == {node(company, asset).partitions_def}
    only_warn = {check.name for check in DERIVED_CHECKS[asset] if check.only_warns} | {"on_time"}
    assert {name for name, check in checks.items() if not check.blocking} == only_warn
    assert set(checks) > only_warn


def test_every_sensor_and_every_schedule_runs_from_the_start(company: Company) -> None:
    repository = company.definitions.get_repository_def()
    assert {sensor.name: sensor.default_status for sensor in repository.sensor_defs} == dict.fromkeys(
        [*(f"{source}_flag" for source in SOURCES), *SENSORS],
        dg.DefaultSensorStatus.RUNNING,
    )
    assert {schedule.name: schedule.default_status for schedule in repository.schedule_defs} == dict.fromkeys(
        [*(f"{source}_deadline" for source in SOURCES), *(f"{output}_ready" for output in DERIVED)],
        dg.DefaultScheduleStatus.RUNNING,
    )


@pytest.mark.parametrize(
    ("group", "schema", "assets"), [("sources", "sources", SOURCES), ("customers", "marts", DERIVED)]
)
def test_every_asset_says_what_it_is_whose_it_is_and_where_its_table_lies(
    company: Company, group: str, schema: str, assets: tuple[str, ...]
) -> None:
    for name in assets:
        said = spec(company, name)
        assert said.description
        assert said.owners
        assert "duckdb" in said.kinds
        assert said.group_name == group
        assert said.metadata["dagster/table_name"] == f"{schema}.{name}"
        columns = said.metadata["dagster/column_schema"]
        assert isinstance(columns, dg.TableSchema)
        assert all(column.type and column.description for column in columns.columns)


def test_the_columns_that_an_asset_shows_are_those_of_its_table(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.land_tickets("2026-11-01", "alice", "alice", "alice")
    company.land(
        "marketing_events",
        "2026-11-01",
        "event_id,customer_id,event_type,event_date,campaign_id\n1,a,email_sent,2026-11-01,c\n",
    )
    assert company.materialize(*SOURCES, *DERIVED, day="2026-11-01").success
    for name in (*SOURCES, *DERIVED):
        table = spec(company, name).metadata["dagster/table_name"]
        schema = spec(company, name).metadata["dagster/column_schema"]
        assert isinstance(schema, dg.TableSchema)
        found = [(column, kind.lower()) for column, kind, *_ in company.query(f"describe {table}")]
        assert found == [(column.name, column.type) for column in schema.columns]


@pytest.mark.parametrize("asset", DERIVED)
def test_every_derived_column_says_from_which_existing_columns_it_is_made_or_is_known_to_have_none(
    company: Company, asset: str
) -> None:
    lineage = spec(company, asset).metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    assert list(lineage.deps_by_column) == column_names(company, asset) == [c.name for c in DERIVED_COLUMNS[asset]]
    without = {(asset, column) for column, sources in lineage.deps_by_column.items() if not sources}
    assert without == {place for place in WITHOUT_LINEAGE if place[0] == asset}
    for sources in lineage.deps_by_column.values():
        for source in sources:
            assert source.column_name in column_names(company, source.asset_key.to_user_string())


@pytest.mark.parametrize(
    ("folder", "right", "wrong", "complaint", "named_line"),
    [
        ("orders", "  schedule:", "  shedule:", "shedule", "  schedule:"),
        ("orders", 'deadline: "06:00"', "deadline: 16:00", "is not a time of day", "  schedule:"),
        ("orders", "quarantine: {warn: 0.05", "quarantine: {warn: 0.7", "quarantine at", "  policy:"),
        ("orders", "contracts.orders.Orders", "contracts.orders.Order", "No contract at", "  contract:"),
        ("alerts", "ui_url: http://127.0.0.1", "ui_url: localhost", "must begin with http://", "  ui_url:"),
    ],
    ids=["unknown field", "no time", "warns above block", "unknown contract", "no address"],
)
def test_a_wrong_yaml_is_refused_with_file_and_line_before_anything_runs(
    tmp_path: Path, folder: str, right: str, wrong: str, complaint: str, named_line: str
) -> None:
    project = copy_project(tmp_path / "project")
    file = project.root / "customer_analytics" / "defs" / folder / "defs.yaml"
    line = line_of(file, named_line)
    spoil(file, right, wrong)
    refused = project.run("dg", "launch", "--assets", "orders", "--partition", "2026-11-01")
    assert refused.returncode != 0
    assert complaint in refused.stdout
    assert re.search(rf"{folder}/defs\.yaml:{line}\b", refused.stdout), refused.stdout
    assert not project.data.exists()


def line_of(file: Path, words: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines, start=1) if line.startswith(words)]
    return number


def spoil(file: Path, right: str, wrong: str) -> None:
    """Replace a part of a file."""
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")

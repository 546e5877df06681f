"""What a run logs can be read by machines: a JSON document a line, with what it is about and without secrets."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

SECRET = "whsec_C2FVsBQIhrscChlQIMV"
FIELDS = ["timestamp", "level", "logger", "message", "run_id", "job", "step", "event_type", "error"]


@dg.asset
def talkative(context: dg.AssetExecutionContext) -> None:
    context.log.info("two lines\nof %s, “quoted”, \ud800", Path("somewhere"), extra={"odd": object()})
    dg.get_dagster_logger("room").warning("from elsewhere")


@dg.asset
def failing() -> None:
    message = "the disk is full"
    raise OSError(message)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """As dagster.yaml has it."""
    handler = {"()": "customer_analytics.components.logs.build_handler"}
    logs = {"python_logs": {"dagster_handler_config": {"handlers": {"run_log": handler}}}}
    with dg.instance_for_test(overrides=logs) as with_logs:
        yield with_logs


def lines_of(
    run: dg.AssetsDefinition, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> list[dict[str, Any]]:
    """Run the asset, and read each line that is on stdout then."""
    definitions = dg.Definitions([run], executor=dg.in_process_executor)
    job = definitions.resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, raise_on_error=False, run_config={}, tags={"token": SECRET})
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


@pytest.fixture
def _as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_ANALYTICS_LOG_FORMAT", "json")
    monkeypatch.setenv("CUSTOMER_ANALYTICS_WEBHOOK_SECRET", SECRET)


@pytest.mark.usefixtures("_as_json")
def test_every_line_is_a_document_that_says_what_it_is_about(
    instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC)
    lines = lines_of(talkative, instance, capfd)
    [run] = instance.get_runs()
    assert all(list(line) == FIELDS for line in lines)
    assert {line["run_id"] for line in lines} == {run.run_id}
    assert {line["job"] for line in lines} == {"__ASSET_JOB"}
    assert all(-1 < (datetime.fromisoformat(line["timestamp"]) - before).total_seconds() < 60 for line in lines)
    event_types = [line["event_type"] for line in lines]
    assert event_types[0] == "RUN_START"
    assert event_types[-1] == "RUN_SUCCESS"
    assert "ASSET_MATERIALIZATION" in event_types


@pytest.mark.usefixtures("_as_json")
def test_a_message_keeps_to_its_line_whatever_is_in_it(
    instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    logged = [line for line in lines_of(talkative, instance, capfd) if line["level"] in {"info", "warning"}]
    assert [(line["level"], line["message"], line["step"], line["event_type"]) for line in logged] == [
        ("info", "two lines\nof somewhere, “quoted”, \ud800", "talkative", None),
        ("warning", "from elsewhere", "talkative", None),
    ]


@pytest.mark.usefixtures("_as_json")
def test_a_failure_says_what_went_wrong(instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]) -> None:
    errors = [line for line in lines_of(failing, instance, capfd) if line["level"] == "error"]
    assert [line["event_type"] for line in errors] == ["STEP_FAILURE", "RUN_FAILURE"]
    assert all("OSError: the disk is full" in line["error"] for line in errors)
    assert errors[0]["step"] == "failing"


@pytest.mark.usefixtures("_as_json")
def test_neither_environment_nor_tags_are_told(instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]) -> None:
    for asset in (talkative, failing):
        assert SECRET not in json.dumps(lines_of(asset, instance, capfd))


def test_where_text_is_wanted_nothing_is_added_to_what_dagster_prints(
    instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUSTOMER_ANALYTICS_LOG_FORMAT", raising=False)
    assert lines_of(talkative, instance, capfd) == []


def test_dagster_makes_no_declared_logger_without_run_config(capfd: pytest.CaptureFixture[str]) -> None:
    """Why the instance has to say it; should this change, the code location can."""
    definitions = dg.Definitions(
        [talkative], executor=dg.in_process_executor, loggers={"console": dg.json_console_logger}
    )
    job = definitions.resolve_implicit_global_asset_job_def()
    with dg.instance_for_test() as instance:
        job.execute_in_process(instance=instance)
    assert not any(line.startswith("{") for line in capfd.readouterr().err.splitlines())

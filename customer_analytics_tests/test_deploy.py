"""What deploy/ and docs/operations.md say is what this project has: programs, options, settings, commands, alerts."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml  # type: ignore[import-untyped]
from dagster._core.instance.ref import InstanceRef
from typer.main import get_command

from customer_analytics.alerting.problem import Kind
from customer_analytics.cli import app
from customer_analytics.metrics.checks import DERIVED_CHECKS
from customer_analytics.quality.audit import CHECKS
from customer_analytics.settings import PROJECT_ROOT, Settings

DEPLOY = PROJECT_ROOT / "deploy"
OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
INSTALLED = "/opt/customer-analytics/.venv/bin/"
WHERE_STATE_LIES = {"storage", "local_artifact_storage", "compute_logs"}
HOW_IT_LOGS = {"python_logs"}

Command = list[str]


def of_unit(unit: Path, key: str) -> list[str]:
    """Every value that a unit file gives to a key."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


def unit_command(name: str) -> Command:
    """What a unit starts, without the folder of its programs."""
    [command] = of_unit(DEPLOY / "systemd" / f"customer-analytics-{name}.service", "ExecStart")
    return command.removeprefix(INSTALLED).split()


def yaml_file(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def services() -> dict[str, Any]:
    return dict(yaml_file(DEPLOY / "compose.yaml")["services"])


def mounted(service: dict[str, Any]) -> set[str]:
    return {volume.partition(":")[0] for volume in service.get("volumes", ())}


def words_of(command: Command) -> tuple[str, ...]:
    """The program and its subcommands: what comes before the first option."""
    first_option = next((n for n, word in enumerate(command) if word.startswith("-")), len(command))
    return tuple(command[:first_option])


@cache
def help_of(words: tuple[str, ...]) -> str:
    program = Path(sys.executable).with_name(words[0])
    run = subprocess.run([program, *words[1:], "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


STARTED = [
    *(unit_command(name) for name in ("code", "daemon", "webserver", "watch")),
    *(services()[name]["command"] for name in ("code", "daemon", "webserver")),
    *(services()[name]["healthcheck"]["test"][1:] for name in ("code", "daemon")),
]


@pytest.mark.parametrize("command", STARTED, ids=" ".join)
def test_what_is_started_is_a_program_of_this_environment_and_knows_its_options(command: Command) -> None:
    options = {word.partition("=")[0] for word in command if word.startswith("--")}
    known = set(re.findall(r"--[\w-]+", help_of(words_of(command))))
    assert options <= known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_as_the_services_user_without_rights(unit: Path) -> None:
    assert of_unit(unit, "User") == ["customer-analytics"]
    assert of_unit(unit, "UMask") == ["0077"]
    assert of_unit(unit, "NoNewPrivileges") == ["yes"]
    assert of_unit(unit, "ProtectSystem") == ["strict"]
    assert of_unit(unit, "CapabilityBoundingSet") == [""]
    assert of_unit(unit, "EnvironmentFile") == ["/etc/customer-analytics/customer-analytics.env"]


def test_only_where_sensors_and_runs_are_the_data_can_be_seen() -> None:
    hidden = {unit.stem for unit in UNITS if of_unit(unit, "InaccessiblePaths")}
    assert hidden == {"customer-analytics-daemon", "customer-analytics-webserver"}
    assert {name for name, service in services().items() if "data" in mounted(service)} == {"code", "watch"}


def test_a_code_location_that_is_told_to_stop_lets_its_runs_end() -> None:
    assert of_unit(DEPLOY / "systemd" / "customer-analytics-code.service", "KillMode") == ["mixed"]
    assert of_unit(DEPLOY / "systemd" / "customer-analytics-code.service", "TimeoutStopSec") == ["30min"]
    assert services()["code"]["stop_grace_period"] == "30m"


def test_the_webserver_is_read_only_and_answers_this_machine_alone() -> None:
    command = unit_command("webserver")
    assert "--read-only" in command
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert "--read-only" in services()["webserver"]["command"]


def test_compose_publishes_nothing_but_the_proxy() -> None:
    assert {name for name, service in services().items() if "ports" in service} == {"proxy"}
    assert not [name for name, service in services().items() if "network_mode" in service]
    networks = yaml_file(DEPLOY / "compose.yaml")["networks"]
    assert {name for name, network in networks.items() if not network.get("internal")} == {"outside"}
    assert "outside" not in services()["webserver"]["networks"] + services()["postgres"]["networks"]


def test_the_proxy_asks_for_a_password_wherever_it_leads_on() -> None:
    text = (DEPLOY / "nginx" / "customer-analytics.conf").read_text(encoding="utf-8")
    locations = re.findall(r"location [^{]+\{([^}]*)\}", text)
    assert locations
    assert all("auth_basic_user_file" in location for location in locations)
    assert re.findall(r"listen +(.+);", text) == ["8443 ssl"]


def test_everybody_meets_at_the_same_socket() -> None:
    [server] = (each["grpc_server"] for each in yaml_file(DEPLOY / "workspace.yaml")["load_from"])
    command = unit_command("code")
    assert command[command.index("--socket") + 1] == server["socket"]
    assert f"--socket={server['socket']}" in services()["code"]["command"]
    assert command[command.index("--location-name") + 1] == server["location_name"]


def test_the_instance_is_one_that_dagster_accepts_with_no_path_of_where_it_is_started() -> None:
    instance = InstanceRef.from_dir(str(DEPLOY))
    storage = instance.storage_data
    assert storage
    assert storage.class_name == "DagsterPostgresStorage"
    folders = re.findall(r"base_dir: (\S+)", (DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    assert len(folders) == 2
    assert all(folder.startswith("/") for folder in folders)


def test_the_instance_works_as_the_local_one_does() -> None:
    local, deployed = yaml_file(PROJECT_ROOT / "dagster.yaml"), yaml_file(DEPLOY / "dagster.yaml")
    assert set(deployed) >= {"concurrency", "run_monitoring", "run_retries"}
    assert {name: each for name, each in deployed.items() if name not in WHERE_STATE_LIES | HOW_IT_LOGS} == {
        name: each for name, each in local.items() if name not in WHERE_STATE_LIES
    }


def test_every_variable_that_is_named_is_one_that_is_read() -> None:
    prefix = str(Settings.model_config["env_prefix"])
    read = {f"{prefix}{name.upper()}" for name in Settings.model_fields}
    for declared in (PROJECT_ROOT / "customer_analytics" / "defs").rglob("*.yaml"):
        read |= variables(declared.read_text(encoding="utf-8"))
    texts = [file.read_text(encoding="utf-8") for file in DEPLOY.rglob("*") if file.is_file()]
    named = {variable for text in [*texts, OPERATIONS] for variable in variables(text)}
    assert named - read == set()


def variables(text: str) -> set[str]:
    return set(re.findall(r"\bCUSTOMER_ANALYTICS_[A-Z_]+\b", text))


def test_the_example_has_no_secret_in_it() -> None:
    lines = (DEPLOY / "customer-analytics.env.example").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    secret = [name for name in settings if re.search("_ALERTS_|_WEBHOOK_|_HEARTBEAT_", name)]
    assert len(secret) >= 4
    assert {settings[name] for name in secret} == {""}
    assert not re.search(r"//[^@/]*:[^@/]*@", settings["DAGSTER_POSTGRES_URL"])


def test_no_data_gets_into_the_image() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith(("!data", "!.", "!*"))]
    assert rules[-1] == "deploy/secrets"


def test_every_kind_of_alert_has_its_entry_in_the_runbook() -> None:
    assert re.findall(r"^### (\w+)$", OPERATIONS, re.MULTILINE) == list(get_args(Kind))


def test_the_runbook_names_every_check() -> None:
    derived = [check.name for checks in DERIVED_CHECKS.values() for check in checks]
    cells = " ".join(re.findall(r"^\| (`.*?) \|", OPERATIONS, re.MULTILINE))
    assert {check for check in [*CHECKS, *derived] if f"`{check}`" not in cells} == set()


def test_every_command_that_is_named_is_there() -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:`|^)(?:ca|customer-analytics) ([a-z]+)", OPERATIONS, re.MULTILINE))
    assert {"status", "schedule", "incidents", "watch", "quarantine", "replay", "doctor"} <= named
    assert named - set(known) == set()

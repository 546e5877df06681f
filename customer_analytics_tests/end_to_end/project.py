"""A copy of this project in a folder of its own, worked by the programs that people start."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner, Result

from customer_analytics.cli import app
from customer_analytics.cli.common import console
from customer_analytics.landing.folder import FLAG
from customer_analytics.settings import PROJECT_ROOT

PARTS = ("pyproject.toml", "customer_analytics", "dagster.yaml", "workspace.yaml")
FIRST_DAY, END = "2026-11-01", "2026-11-16"
SENSORS = ("source_automation.py", "as_of_automation.py", "vanished_runs.py", "alerts.py")
LAST_WORDS = 60
USUAL, QUICKER = "minimum_interval_seconds=30", "minimum_interval_seconds=3"


@dataclass(frozen=True)
class Project:
    """The copy: its code, its Dagster instance and its ``data`` folder all lie below ``root``."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def serving(self) -> Path:
        return self.data / "serving.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.data / "warehouse.duckdb"

    def environment(self, **settings: str | None) -> dict[str, str]:
        """This process's own, without its settings; the copy's code comes before the installed one's. None is unset."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER_ANALYTICS_")}
        days = {"CUSTOMER_ANALYTICS_START_DATE": FIRST_DAY, "CUSTOMER_ANALYTICS_END_DATE": END}
        places = {"PYTHONPATH": str(self.root), "DAGSTER_HOME": str(self.root), "COLUMNS": "200"}
        return {name: value for name, value in (inherited | days | places | settings).items() if value is not None}

    def run(self, program: str, *arguments: str, **settings: str | None) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; what it says on both channels is in ``stdout``."""
        return subprocess.run(
            [beside_python(program), *arguments],
            cwd=self.root,
            env=self.environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def ask(self, *arguments: str) -> Result:
        """What ``customer-analytics`` says of the copy's data, in this process: for commands that only read."""
        settings = {"DATA_DIR": str(self.data), "START_DATE": FIRST_DAY, "END_DATE": END}
        environment = {f"CUSTOMER_ANALYTICS_{name}": value for name, value in settings.items()}
        with pytest.MonkeyPatch.context() as patched, contextlib.chdir(self.root):
            patched.setattr(console, "width", 200)
            return CliRunner(env=environment | {"DAGSTER_HOME": str(self.root)}).invoke(app, arguments)

    @contextlib.contextmanager
    def started(self, program: str, *arguments: str, **settings: str | None) -> Iterator[subprocess.Popen[bytes]]:
        """A program at work, in a process group that is killed at the end.

        Its words go to ``<program>.log``; the last of them are printed where the caller fails.
        """
        with self.instance():
            pass  # It is made here and now: two programs that make it at the same time leave it unusable.
        log = self.root / f"{program}.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                [beside_python(program), *arguments],
                cwd=self.root,
                env=self.environment(**settings),
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield process
            except BaseException:
                print(*log.read_text(encoding="utf-8").splitlines()[-LAST_WORDS:], sep="\n")
                raise
            finally:
                kill(process)

    @contextlib.contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The copy's Dagster instance; its paths count from the working directory."""
        with contextlib.chdir(self.root), dg.DagsterInstance.from_config(str(self.root)) as instance:
            yield instance

    def declare(self, component: str, **attributes: object) -> None:
        """Set attributes in the YAML of ``defs/<component>``; what a mapping does not name stays."""
        file = self.root / "customer_analytics" / "defs" / component / "defs.yaml"
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        _merge(declared["attributes"], attributes)
        file.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")

    def hasten(self) -> None:
        """Sensors look every three seconds, and a recovery is told at once: only so that tests are quick."""
        for name in SENSORS:
            file = self.root / "customer_analytics" / "components" / name
            text = file.read_text(encoding="utf-8")
            assert USUAL in text
            file.write_text(text.replace(USUAL, QUICKER), encoding="utf-8")
        self.declare("alerts", routing={"settle_minutes": 0})

    def land(self, source: str, day: str, content: str, name: str = "delivery.csv") -> None:
        """Deliver one file, then the flag."""
        folder = self.data / "landing" / source / day
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        (folder / FLAG).touch()

    def query(self, sql: str, database: str = "warehouse.duckdb") -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.data / database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def copy_project(root: Path) -> Project:
    """The project as it is now, without data and without history."""
    root.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source = PROJECT_ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part)
        else:
            shutil.copyfile(source, root / part)
    return Project(root)


def _merge(declared: dict[str, Any], attributes: Mapping[str, object]) -> None:
    for name, value in attributes.items():
        if isinstance(value, Mapping):
            _merge(declared.setdefault(name, {}), value)
        else:
            declared[name] = value


def beside_python(program: str) -> str:
    """The program of this environment."""
    return str(Path(sys.executable).with_name(program))


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the program and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 480) -> None:
    """Look again and again until it holds; fail saying ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: {what}"
        time.sleep(0.25)


@contextlib.contextmanager
def held_open(warehouse: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program has the warehouse open for writing, until the end or a kill."""
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()

"""A run is killed, or two run at the same time: every day is as before or complete, and running again ends the same."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock, Timeout

from customer_analytics.reporting.serving import PRIVATE
from customer_analytics.warehouse.connection import current_holder, lock_file
from customer_analytics_tests.end_to_end.project import Project, beside_python, copy_project, kill, wait_until

# By hand: KILLS=20 pytest -m long customer_analytics_tests/end_to_end/test_kill.py
pytestmark = pytest.mark.long

KILLS = int(os.environ.get("KILLS", "1"))

DAYS = [f"2026-11-{day:02}" for day in range(1, 16)]
ASSETS = "orders,support_tickets,customer_lifetime_value,at_risk_customers"
# What differs between two runs that end in the same content.
OF_THE_RUN = {
    *("run_id", "revision", "inputs_revision", "number"),
    *(
        "landed_at",
        "started_at",
        "published_at",
        "quarantined_at",
        "audited_at",
        "computed_at",
        "attempted_at",
        "changed_at",
    ),
}

Content = dict[tuple[str, str], dict[str, tuple[int, int]]]


@dataclass(frozen=True)
class Story:
    """A project with some days published and others to come, its content then, and after an undisturbed run."""

    project: Project
    before: Content
    after: Content
    seconds: float


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Five days are published; then two of them are corrected, and ten more land."""
    project = copy_project(tmp_path_factory.mktemp("kill") / "project")
    land(project, DAYS[:5], seed=1)
    launched = project.run("dg", "launch", "--assets", ASSETS, "--partition-range", f"{DAYS[0]}...{DAYS[4]}")
    assert launched.returncode == 0, launched.stdout
    land(project, DAYS[3:], seed=2)
    undisturbed = another(project, tmp_path_factory.mktemp("undisturbed"))
    with Launch(undisturbed, DAYS[0], DAYS[-1]) as run:
        run.wait_for_start()
        begun = time.monotonic()
        assert run.wait() == 0, run.words()
        seconds = time.monotonic() - begun
    return Story(project, content(project), content(undisturbed), seconds)


@pytest.mark.parametrize("number", range(KILLS))
def test_after_a_kill_every_day_is_as_before_or_complete_and_a_rerun_ends_as_if_nothing_had_been(
    number: int, story: Story, tmp_path: Path
) -> None:
    project = another(story.project, tmp_path)
    with Launch(project, DAYS[0], DAYS[-1]) as run:
        run.wait_for_start()
        time.sleep(random.Random(number).uniform(0, story.seconds))
        run.kill()
    with duckdb.connect(str(project.warehouse)):
        pass  # It opens for writing.
    for database in ("warehouse.duckdb", "serving.duckdb"):
        assert neither_before_nor_after(content(project, database), story) == []
    assert unaccounted(project) == []

    rerun = project.run("dg", "launch", "--assets", ASSETS, "--partition-range", f"{DAYS[0]}...{DAYS[-1]}")
    assert rerun.returncode == 0, rerun.stdout
    assert content(project) == story.after
    assert content(project, "serving.duckdb") == without_private(story.after)
    assert unaccounted(project) == []
    left = [path.name for path in project.data.iterdir() if path.name.startswith(".")]
    assert left == []


def test_of_two_runs_at_the_same_time_one_waits_and_says_for_whom_and_both_succeed(
    story: Story, tmp_path: Path
) -> None:
    project = another(story.project, tmp_path)
    with Launch(project, DAYS[0], DAYS[9]) as first, Launch(project, DAYS[5], DAYS[14]) as second:
        owner, other = stopped_while_it_writes(project, first, second)
        wait_until(lambda: "Waiting for the warehouse" in other.words(), "the other run says that it waits")
        owner.signal(signal.SIGCONT)
        assert (first.wait(), second.wait()) == (0, 0)
    [held_by] = re.findall(r"held by (\w+) (\S+) to (\S+), run (\S+) \(process (\d+), since", other.words())[:1]
    assert held_by[:3] in {(asset, *days) for asset in ASSETS.split(",") for days in (owner.days,)}
    assert held_by[3] in owner.words()
    assert int(held_by[4]) == owner.pid
    # What was derived before the other run had loaded its days is stale, and computed again as the sensor would.
    again = ("--assets", "customer_lifetime_value,at_risk_customers", "--partition-range", f"{DAYS[0]}...{DAYS[14]}")
    assert project.run("dg", "launch", *again).returncode == 0
    assert content(project) == story.after


class Launch:
    """One ``dg launch`` of all assets over a range, in a process group of its own, its words in a file."""

    def __init__(self, project: Project, first: str, last: str) -> None:
        self.days = (first, last)
        self._log = project.root / f"launch_{first}.log"
        with self._log.open("wb") as words:
            self._process = subprocess.Popen(
                [beside_python("dg"), "launch", "--assets", ASSETS, "--partition-range", f"{first}...{last}"],
                cwd=project.root,
                env=project.environment(),
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Launch":
        return self

    def __exit__(self, *_: object) -> None:
        kill(self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    def words(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_for_start(self) -> None:
        wait_until(lambda: "RUN_START" in self.words() or self._process.poll() is not None, "the run starts", 60)

    def wait(self) -> int:
        return self._process.wait(timeout=120)

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self.pid, number)

    def kill(self) -> None:
        kill(self._process)


def stopped_while_it_writes(project: Project, first: Launch, second: Launch) -> tuple[Launch, Launch]:
    """Stop whichever run has the warehouse first, so that the other one has to wait; it is returned first."""
    before = current_holder(project.warehouse)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        holder = current_holder(project.warehouse)
        if holder and holder != before:
            owner, other = (first, second) if holder.pid == first.pid else (second, first)
            owner.signal(signal.SIGSTOP)
            if is_locked(project):
                return owner, other
            owner.signal(signal.SIGCONT)
            before = holder
        time.sleep(0.005)
    message = "neither run opened the warehouse"
    raise AssertionError(message)


def is_locked(project: Project) -> bool:
    try:
        with FileLock(lock_file(project.warehouse), timeout=0):
            return False
    except Timeout:
        return True


def another(project: Project, folder: Path) -> Project:
    """The same project once more, with its data and history."""
    shutil.copytree(project.root, folder / "project")
    return Project(folder / "project")


def land(project: Project, days: list[str], seed: int) -> None:
    """Orders with refunds and tickets with priorities, some records bad, all made from day and seed."""
    for day in days:
        chance = random.Random(f"{day}/{seed}")
        customers = [f"c{chance.randrange(60)}" if chance.random() > 0.02 else "" for _ in range(300)]
        orders = (
            f"{day}-{number},{customer},{day} {chance.randrange(24):02}:00:00,{order(chance)}"
            for number, customer in enumerate(customers)
        )
        project.land("orders", day, "order_id,customer_id,order_date,total_amount,status\n" + "\n".join(orders) + "\n")
        tickets = (
            f"{day}-{number},{customer},{day} 09:00:00,login,{chance.choice(['low', 'medium', 'high', 'urgent'])},"
            for number, customer in enumerate(customers[:60])
        )
        header = "ticket_id,customer_id,created_date,category,priority,resolved_date\n"
        project.land("support_tickets", day, header + "\n".join(tickets) + "\n")


def order(chance: random.Random) -> str:
    """Amount and status."""
    amount = chance.randrange(1, 20_000) / 100
    return f"{-amount:.2f},refunded" if chance.random() < 0.1 else f"{amount:.2f},paid"


def content(project: Project, database: str = "warehouse.duckdb") -> Content:
    """By dataset and day, of each table that has rows of it: how many, and a hash that does not see their order."""
    found: Content = defaultdict(dict)
    with duckdb.connect(str(project.data / database), read_only=True) as connection:
        columns: dict[str, list[str]] = defaultdict(list)
        for table, column in connection.execute(
            """select table_schema || '.' || table_name, column_name from information_schema.columns
               where table_schema in ('sources', 'quality', 'marts') order by ordinal_position"""
        ).fetchall():
            columns[table].append(column)
        for table, names in columns.items():
            day = next((name for name in ("delivery_day", "as_of_date", "day") if name in names), None)
            if day is None or table == "marts.folded_days":
                continue  # Change rows: held to be right by what marts.customer_lifetime_value shows of every day.
            dataset = next(
                (name for name in ("source", "dataset", "asset") if name in names), f"'{table.split('.')[1]}'"
            )
            hashed = ", ".join(f'"{name}"' for name in names if name not in OF_THE_RUN)
            rows = connection.execute(
                f"select {dataset}, {day}::varchar, count(*), sum(hash({hashed})::hugeint) from {table} group by all"
            ).fetchall()
            for name, of_day, count, digest in rows:
                found[name, of_day][table] = (count, digest)
    return dict(found)


def without_private(whole: Content) -> Content:
    return {
        place: {table: value for table, value in tables.items() if table not in PRIVATE}
        for place, tables in whole.items()
    }


def neither_before_nor_after(found: Content, story: Story) -> list[tuple[str, str]]:
    """The days of datasets that are neither wholly as they were nor wholly as an undisturbed run leaves them."""
    sides = [story.before, story.after, without_private(story.before), without_private(story.after)]
    places = set(story.after) | set(story.before)
    return sorted(place for place in places if found.get(place, {}) not in [side.get(place, {}) for side in sides])


def unaccounted(project: Project) -> list[tuple[object, ...]]:
    """Days of which the ledger says other numbers than the tables have, and days that it does not know."""
    return project.query(
        """with found as (
             select 'orders' as source, delivery_day, 1 as accepted, 0 as quarantined from sources.orders
             union all select 'support_tickets', delivery_day, 1, 0 from sources.support_tickets
             union all select source, delivery_day, 0, 1 from quality.quarantine
           ), counted as (
             select source, delivery_day, sum(accepted) as accepted, sum(quarantined) as quarantined
             from found group by all
           )
           select coalesce(ledger.source, counted.source), coalesce(ledger.delivery_day, counted.delivery_day)
           from quality.deliveries as ledger
           full join counted on counted.source = ledger.source and counted.delivery_day = ledger.delivery_day
           where ledger.accepted is distinct from counted.accepted
             or ledger.quarantined is distinct from counted.quarantined"""
    )

"""A model of Dagster's daemons: it asks sensors and schedules, keeps run keys, queues runs and starts one at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from customer_analytics.components.names import CUSTOMER_HEALTH_REPORT
from customer_analytics.components.resources import Landing, Warehouse, build_resources
from customer_analytics.components.runs import RETRIED_AS_TAG, UNDER_WAY, WILL_RETRY_TAG
from customer_analytics.definitions import defs
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.settings import Settings
from customer_analytics_tests.run_events import becomes
from customer_analytics_tests.simulation.carrying_out import Fate, RunContext, carry_out, killed_after_publishing
from customer_analytics_tests.simulation.clock import Clock

JOB = "__ASSET_JOB"
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("customer_analytics"), "__repository__"), JOB
)
# Dagster's run monitoring fails a run that has not started by then.
START_TIMEOUT = timedelta(seconds=180)
CATCH_UP = 5
# What is noted on a run is noted on the one that tries it again, but for these.
LEFT_OUT_OF_A_RETRY = (WILL_RETRY_TAG, RETRIED_AS_TAG, "dagster/run_failure_reason")


@dataclass
class Working:
    """The run that is at work: what becomes of it, and when that shows."""

    run: dg.DagsterRun
    fate: Fate
    until: datetime
    went_well: bool = False


@dataclass
class Daemon:
    """``ended`` has every run that was carried out, with its fate; ``keys`` what was asked for already.

    ``instance`` may be in memory; ``lasting`` is any that is not.
    """

    clock: Clock
    instance: dg.DagsterInstance
    lasting: dg.DagsterInstance
    random: Random
    data: Path
    keys: set[tuple[str, str]] = field(default_factory=set)
    cursors: dict[str, str | None] = field(default_factory=dict)
    working: Working | None = None
    ended: list[tuple[dg.DagsterRun, Fate]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Everything that is in memory is gone, and is read again."""
        self.definitions = defs()
        self.resources = build_resources(Settings())
        self.repository = self.definitions.get_repository_def()
        self.jobs: dict[frozenset[dg.AssetKey], dg.JobDefinition] = {}

    @property
    def sensors(self) -> list[str]:
        return sorted(sensor.name for sensor in self.repository.sensor_defs)

    def ask(self, sensor: str) -> list[dg.RunRequest]:
        """One tick of a sensor: what it requests; Dagster starts what has a run key that is new to it."""
        definition = self.repository.get_sensor_def(sensor)
        wanted = {name: self.resources[name] for name in definition.required_resource_keys}
        with dg.build_sensor_context(
            instance=self.instance, resources=wanted, cursor=self.cursors.get(sensor), sensor_name=sensor
        ) as context:
            result = definition(context)
            self.cursors[sensor] = context.cursor
        if isinstance(result, dg.SkipReason):
            assert result.skip_message
            return []
        if isinstance(result, dg.RunRequest):
            result = [result]
        assert isinstance(result, dg.SensorResult | list)
        requests = list(result.run_requests or ()) if isinstance(result, dg.SensorResult) else result
        self._queue(sensor, requests)
        return requests

    def ask_schedule(self, schedule: str, moment: datetime) -> list[dg.RunRequest]:
        """One tick of a schedule."""
        definition = self.repository.get_schedule_def(schedule)
        with dg.build_schedule_context(
            instance=self.lasting,
            scheduled_execution_time=moment,
            resources={"warehouse": self.resources["warehouse"]},
        ) as context:
            context._instance = self.instance  # type: ignore[assignment]  # Schedules are given none that is in memory only.
            result = definition(context)
        requests = [result] if isinstance(result, dg.RunRequest) else []
        self._queue(schedule, requests)
        return requests

    def schedules_between(self, since: datetime, now: datetime) -> list[tuple[datetime, str]]:
        """Their ticks after ``since`` up to ``now``; of those that were missed the latest few."""
        ticks: list[tuple[datetime, str]] = []
        for schedule in self.repository.schedule_defs:
            minute, hour = (int(part) for part in str(schedule.cron_schedule).split()[:2])
            moment = now.replace(hour=hour, minute=minute, second=0)
            moments = [moment - timedelta(days=back) for back in range(30)]
            missed = [each for each in moments if since < each <= now]
            ticks += [(each, schedule.name) for each in missed[:CATCH_UP]]
        return sorted(ticks)

    def _queue(self, asker: str, requests: Iterable[dg.RunRequest]) -> None:
        for request in requests:
            assert request.run_key
            if (asker, request.run_key) in self.keys:
                continue
            self.keys.add((asker, request.run_key))
            partition = {"dagster/partition": request.partition_key} if request.partition_key else {}
            self._add(dict(request.tags) | partition, frozenset(request.asset_selection or ()))

    def _add(
        self, tags: dict[str, str], assets: frozenset[dg.AssetKey], again: dg.DagsterRun | None = None
    ) -> dg.DagsterRun:
        run = dg.DagsterRun(
            job_name=JOB,
            remote_job_origin=ORIGIN,
            status=dg.DagsterRunStatus.QUEUED,
            tags=tags,
            asset_selection=assets,
            root_run_id=(again.root_run_id or again.run_id) if again else None,
            parent_run_id=again.run_id if again else None,
        )
        return self.instance.add_run(run)

    @property
    def is_idle(self) -> bool:
        return self.working is None and not self.instance.get_runs_count(dg.RunsFilter(statuses=UNDER_WAY))

    def work(self, fate: Fate, ticks: int) -> bool:
        """One look at the queue: end what is at its end, then start the run that has waited longest.

        Gives whether there is time for another one: ``ticks`` is how long the run takes.
        """
        self.start_again_what_crashed()
        if self.working and self.clock.now >= self.working.until:
            self._end(self.working)
        if self.working is None:
            queued = self.instance.get_run_records(
                dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]), ascending=True, limit=1
            )
            if queued:
                self._start(queued[0].dagster_run, fate, ticks)
                return ticks == 0
        return False

    def _start(self, run: dg.DagsterRun, fate: Fate, ticks: int) -> None:
        if fate == "killed" and dg.AssetKey(CUSTOMER_HEALTH_REPORT) in (run.asset_selection or ()):
            fate = "well"  # It publishes nothing, after which it could be killed.
        if fate == "cancelled":
            becomes(self.instance, run, dg.DagsterRunStatus.CANCELED)
            return
        becomes(self.instance, run, dg.DagsterRunStatus.STARTING)
        self.working = Working(run, fate, self.clock.now + timedelta(seconds=30) * ticks)
        if fate == "died":
            self.working.until = self.clock.now + START_TIMEOUT
            return
        becomes(self.instance, run, dg.DagsterRunStatus.STARTED)
        if fate == "killed":
            self.ended.append((run, fate))
            with killed_after_publishing(run, self.instance):
                self._carry_out(run)
        else:
            self.ended.append((run, fate))
            self.working.went_well = self._carry_out(run)

    def _carry_out(self, run: dg.DagsterRun) -> bool:
        asked = {key.to_user_string() for key in run.asset_selection or ()}
        in_order = [name for name in (*DERIVED_ASSETS, *asked - DERIVED_ASSETS.keys()) if name in asked]
        warehouse, landing = self.resources["warehouse"], self.resources["landing"]
        assert isinstance(warehouse, Warehouse)
        assert isinstance(landing, Landing)
        context = RunContext(self.instance, run, self._job(frozenset(run.asset_selection or ())))
        went_well = all(
            carry_out(self.definitions.get_assets_def(name), context, warehouse, landing) for name in in_order
        )
        warehouse.give_readers_the_news()
        return went_well

    def _job(self, assets: frozenset[dg.AssetKey]) -> dg.JobDefinition:
        """The job of a run of these assets."""
        if assets not in self.jobs:
            every = self.definitions.resolve_implicit_global_asset_job_def()
            self.jobs[assets] = every.get_subset(asset_selection=assets)
        return self.jobs[assets]

    def _end(self, working: Working) -> None:
        if working.fate == "killed":
            run = self.instance.get_run_by_id(working.run.run_id)
            assert run
            if not run.is_finished:
                return  # Until the sensor of vanished runs has found it.
        elif working.fate == "died":
            self.instance.report_run_failed(working.run, "It did not start in time.")
        else:
            ended = dg.DagsterRunStatus.SUCCESS if working.went_well else dg.DagsterRunStatus.FAILURE
            becomes(self.instance, working.run, ended)
        self.working = None

    def start_again_what_crashed(self) -> None:
        """Queue again what is marked so."""
        failed = self.instance.get_runs(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags={WILL_RETRY_TAG: "true"}), limit=20
        )
        for run in (run for run in failed if RETRIED_AS_TAG not in run.tags):
            tags = {name: value for name, value in run.tags.items() if name not in LEFT_OUT_OF_A_RETRY}
            number = int(run.tags.get("dagster/retry_number", "0")) + 1
            assets = frozenset(run.asset_selection or ())
            again = self._add(tags | {"dagster/retry_number": str(number)}, assets, run)
            self.instance.add_run_tags(run.run_id, {RETRIED_AS_TAG: again.run_id})

"""What runs are about and how they ended; those that are under way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

import dagster as dg

from customer_analytics.components.processes import PROCESS_TAG, process_of
from customer_analytics.landing.calendar import days_through

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]

# What became of an asset in a run. requested and started are also the last word of a run that died.
LoadOutcome = Literal["requested", "started", "published", "partly", "held_back", "not_landed"]
FAILED_OUTCOMES = ("requested", "started", "held_back")

# What Dagster's daemon notes on a run that it starts again; it does so within the minute.
WILL_RETRY_TAG = "dagster/will_retry"
RETRIED_AS_TAG = "dagster/auto_retry_run_id"
RETRIED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class EndedLoad:
    """How an asset fared in a run that has ended at ``ended_at``, in seconds since 1970; whether it ever ``began``."""

    run: dg.DagsterRun
    outcome: str
    ended_at: float
    began: bool

    @property
    def was_retried(self) -> bool:
        """Whether Dagster's daemon has started it again."""
        return RETRIED_AS_TAG in self.run.tags

    @property
    def was_skipped(self) -> bool:
        """Whether another asset of the run failed before its turn came."""
        outcomes = {outcome for tag, outcome in self.run.tags.items() if tag.startswith(load_tag(""))}
        return self.outcome == "requested" and not outcomes.isdisjoint({"started", "held_back"})

    @property
    def failed(self) -> bool:
        """Whether nothing came of it by its own fault."""
        return (
            self.run.status is dg.DagsterRunStatus.FAILURE and self.outcome in FAILED_OUTCOMES and not self.was_skipped
        )


def load_tag(asset: str) -> str:
    """The tag of a run that says what became of an asset in it."""
    return f"customer_analytics.load/{asset}"


def is_ours(run: dg.DagsterRun) -> bool:
    """Whether a run was asked for by this project's automation, or has begun with one of its assets."""
    return any(tag.startswith(load_tag("")) for tag in run.tags)


def requested(asset: str) -> dict[str, str]:
    """The tag of a run that is about to be asked for."""
    return {load_tag(asset): "requested"}


def note_outcome(context: dg.AssetExecutionContext, asset: str, outcome: LoadOutcome) -> None:
    """Note on the run what became of an asset."""
    context.instance.add_run_tags(context.run_id, {load_tag(asset): outcome})


def ended_loads(instance: dg.DagsterInstance, asset: str, limit: int) -> list[EndedLoad]:
    """How an asset fared in the latest runs that ended, the latest first; cancelled ones are left out."""
    tag = load_tag(asset)
    records = instance.get_run_records(
        dg.RunsFilter(statuses=ENDED, tags={tag: list(get_args(LoadOutcome))}), limit=limit
    )
    return [
        EndedLoad(
            record.dagster_run,
            record.dagster_run.tags[tag],
            record.end_time or record.update_timestamp.timestamp(),
            began=record.start_time is not None,
        )
        for record in records
    ]


def days_under_way(instance: dg.DagsterInstance, asset: str) -> set[date]:
    """The days of an asset that runs are waiting for or at work on, whoever asked for them."""
    runs = [*instance.get_runs(dg.RunsFilter(statuses=UNDER_WAY)), *_about_to_be_retried(instance)]
    return {day for run in runs if _is_about(run, asset) for day in days_of(run)}


def _about_to_be_retried(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs that crashed just now and that Dagster's daemon has yet to start again."""
    crashed = instance.get_runs(
        dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.FAILURE],
            tags={WILL_RETRY_TAG: "true"},
            updated_after=datetime.now(UTC) - RETRIED_WITHIN,
        )
    )
    return [run for run in crashed if RETRIED_AS_TAG not in run.tags]


def is_being_retried(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether Dagster's daemon is going to start a failed run again, or has, and that run has not ended."""
    if run.tags.get(WILL_RETRY_TAG) != "true":
        return False
    retried_as = run.tags.get(RETRIED_AS_TAG)
    retry = instance.get_run_by_id(retried_as) if retried_as else None
    return retried_as is None or (retry is not None and retry.status in UNDER_WAY)


def _is_about(run: dg.DagsterRun, asset: str) -> bool:
    return load_tag(asset) in run.tags or dg.AssetKey(asset) in (run.asset_selection or ())


def days_of(run: dg.DagsterRun) -> Iterable[date]:
    """The days that a run asks for; none where it has no partition."""
    one = run.tags.get("dagster/partition")
    first = date.fromisoformat(run.tags.get("dagster/asset_partition_range_start", one or "0001-01-02"))
    last = date.fromisoformat(run.tags.get("dagster/asset_partition_range_end", one or "0001-01-01"))
    return days_through(first, last)


def note_start(context: dg.AssetExecutionContext, asset: str) -> None:
    """Note on the run that an asset's turn has come, and which process it is in."""
    tags = {PROCESS_TAG: process_of(context.run_id), load_tag(asset): "started"}
    context.instance.add_run_tags(context.run_id, tags)


def begin(context: dg.AssetExecutionContext, asset: str) -> tuple[list[date], str]:
    """The days that a run asks for, ascending, and what it is for; notes the start of the asset on it."""
    note_start(context, asset)
    days = sorted(date.fromisoformat(key) for key in context.partition_keys)
    return days, f"{asset} {days[0]} to {days[-1]}, run {context.run_id}"


def followers(context: dg.AssetExecutionContext, asset: str) -> set[str]:
    """The assets that the run computes after ``asset``, because they are made from it, be it by way of others."""
    # Not the run's steps: of a backfill from the page they are not known.
    computed = context.job_def.asset_layer
    made_from_it = dg.AssetSelection.assets(asset).downstream(include_self=False).resolve(computed.asset_graph)
    return {key.to_user_string() for key in made_from_it & computed.selected_asset_keys}

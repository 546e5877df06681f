"""The figures for Prometheus: a file for the node exporter's textfile collector, replaced as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from customer_analytics.warehouse.ledger import quarantined_share

PREFIX = "customer_analytics"


@dataclass(frozen=True)
class Told:
    """What the warehouse does not know, by dataset: ``due`` gives the moment (aware) by which a day must be published.

    ``on_time`` are shares of days, 0 to 1; ``days_by_state`` counts days; ``open_incidents`` are counts by severity.
    """

    due: Mapping[str, Callable[[date], datetime]] = field(default_factory=dict)
    on_time: Mapping[str, float] = field(default_factory=dict)
    days_by_state: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    open_incidents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LatestDay:
    """A dataset's latest published day. What only sources have is None where the day is derived.

    ``lateness_seconds`` is from the time it was due to when it was first published, negative where it was early.
    ``quality_score`` is 0 to 1.
    """

    day: date
    records: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    lateness_seconds: float | None = None
    quality_score: float | None = None


@dataclass(frozen=True)
class LatestLoad:
    """A dataset's latest load: how many days, records and bytes, how long it took, and when it ended (aware)."""

    days: int
    records: int
    bytes: int
    seconds: float
    ended_at: datetime


@dataclass(frozen=True)
class DatasetFigures:
    """A source or what is derived; None where nothing is known yet."""

    dataset: str
    latest_day: LatestDay | None = None
    latest_load: LatestLoad | None = None
    on_time: float | None = None
    days_by_state: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PrometheusFigures:
    """Everything that is told at a moment (aware)."""

    measured_at: datetime
    datasets: tuple[DatasetFigures, ...] = ()
    open_incidents: Mapping[str, int] = field(default_factory=dict)


# Metric, what it means, and where it comes from; each has the label `dataset`.
_OF_DAY: tuple[tuple[str, str, Callable[[LatestDay], float | None]], ...] = (
    (
        "latest_day_timestamp_seconds",
        "Latest published day, as Unix time of its beginning (UTC).",
        lambda day: datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC).timestamp(),
    ),
    ("latest_day_records", "Records delivered for the latest published day.", lambda day: day.records),
    ("latest_day_accepted_records", "Records accepted for the latest published day.", lambda day: day.accepted),
    ("latest_day_quarantined_records", "Records set aside for the latest published day.", lambda day: day.quarantined),
    (
        "latest_day_quarantined_ratio",
        "Share of the records of the latest published day that were set aside.",
        lambda day: quarantined_share(day.accepted, day.quarantined),
    ),
    (
        "latest_day_lateness_seconds",
        "From when the latest published day was due to when it was first published; negative if early.",
        lambda day: day.lateness_seconds,
    ),
    ("quality_score_ratio", "Quality score of the latest published day, 0 to 1.", lambda day: day.quality_score),
)
_OF_LOAD: tuple[tuple[str, str, Callable[[LatestLoad], float]], ...] = (
    ("latest_load_days", "Days that the latest load published.", lambda load: load.days),
    ("latest_load_records", "Records of the latest load; rows where it is derived.", lambda load: load.records),
    ("latest_load_bytes", "Delivered bytes of the latest load, as compressed as they were.", lambda load: load.bytes),
    ("latest_load_duration_seconds", "How long the latest load took.", lambda load: load.seconds),
    (
        "latest_load_timestamp_seconds",
        "When the latest load ended, as Unix time.",
        lambda load: load.ended_at.timestamp(),
    ),
)


def read_figures(snapshot: duckdb.DuckDBPyConnection, told: Told, now: datetime) -> PrometheusFigures:
    """The figures of every dataset that the snapshot or ``told`` knows, by name. ``now`` is aware."""
    days, loads = _latest_days(snapshot, told), _latest_loads(snapshot)
    names = sorted({*days, *loads, *told.on_time, *told.days_by_state})
    datasets = tuple(
        DatasetFigures(
            dataset=name,
            latest_day=days.get(name),
            latest_load=loads.get(name),
            on_time=told.on_time.get(name),
            days_by_state=told.days_by_state.get(name, {}),
        )
        for name in names
    )
    return PrometheusFigures(now, datasets, told.open_incidents)


def write_metrics(path: Path, figures: PrometheusFigures) -> None:
    """Replace the file; whoever reads it meanwhile has the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), _registry(figures))


def _registry(figures: PrometheusFigures) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", words, labels, registry=registry)

    gauge("metrics_timestamp_seconds", "When these figures were taken, as Unix time.").set(
        figures.measured_at.timestamp()
    )
    for name, words, of_day in _OF_DAY:
        by_dataset = gauge(name, words, "dataset")
        for each in figures.datasets:
            _set(by_dataset, each.dataset, of_day(each.latest_day) if each.latest_day else None)
    for name, words, of_load in _OF_LOAD:
        by_dataset = gauge(name, words, "dataset")
        for each in figures.datasets:
            _set(by_dataset, each.dataset, of_load(each.latest_load) if each.latest_load else None)
    on_time = gauge("on_time_ratio", "Share of the days that were there in time.", "dataset")
    states = gauge("days", "Days by where they stand.", "dataset", "state")
    for each in figures.datasets:
        _set(on_time, each.dataset, each.on_time)
        for state, count in each.days_by_state.items():
            states.labels(each.dataset, state).set(count)
    incidents = gauge("open_incidents", "Incidents that are open.", "severity")
    for severity, count in figures.open_incidents.items():
        incidents.labels(severity).set(count)
    return registry


def _set(gauge: Gauge, dataset: str, value: float | None) -> None:
    if value is not None:
        gauge.labels(dataset).set(value)


def _latest_days(snapshot: duckdb.DuckDBPyConnection, told: Told) -> dict[str, LatestDay]:
    rows = snapshot.execute(
        """with latest as (
             select source as dataset, delivery_day as day, records, accepted, quarantined from quality.deliveries
             union all
             select asset, as_of_date, null, null, null from marts.as_of_days
           )
           select latest.*, scores.score, timeline.published_at
           from latest
           left join quality.timeline as timeline using (dataset, day)
           left join quality.scores as scores on scores.source = latest.dataset and scores.delivery_day = latest.day
           qualify row_number() over (partition by dataset order by day desc) = 1"""
    ).fetchall()
    return {
        dataset: LatestDay(
            day=day,
            records=records,
            accepted=accepted,
            quarantined=quarantined,
            lateness_seconds=_lateness(told.due.get(dataset), day, published_at),
            quality_score=score,
        )
        for dataset, day, records, accepted, quarantined, score, published_at in rows
    }


def _lateness(due: Callable[[date], datetime] | None, day: date, published_at: datetime | None) -> float | None:
    if due is None or published_at is None:
        return None
    return (published_at.replace(tzinfo=UTC) - due(day)).total_seconds()


def _latest_loads(snapshot: duckdb.DuckDBPyConnection) -> dict[str, LatestLoad]:
    rows = snapshot.execute(
        """select dataset, days, records, bytes, seconds, ended_at from quality.loads
           qualify row_number() over (partition by dataset order by ended_at desc, run_id) = 1"""
    ).fetchall()
    return {
        dataset: LatestLoad(days, records, size, seconds, ended_at.replace(tzinfo=UTC))
        for dataset, days, records, size, seconds, ended_at in rows
    }

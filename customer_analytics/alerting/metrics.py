"""The metrics file, with what only alerting knows: deadlines that were kept, incidents that are open."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from customer_analytics.alerting.incidents import Incident
from customer_analytics.reporting.prometheus import Told, read_figures, write_metrics
from customer_analytics.reporting.schedule import TimelyDay, Timetable, shares_in_time


def write_figures(
    path: Path,
    serving: duckdb.DuckDBPyConnection | None,
    timetable: Timetable,
    days: Sequence[TimelyDay],
    incidents: Sequence[Incident],
    now: datetime,
) -> None:
    """Replace the metrics file; while there is no snapshot there is nothing to measure. ``now`` is aware."""
    if serving is None:
        return
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for day in days:
        states[day.dataset][day.state] += 1
    told = Told(
        due={name: schedule.published_by for name, schedule in timetable.deliveries.items()}
        | {name: output.schedule.ready_at for name, output in timetable.outputs.items()},
        on_time={dataset: share for dataset, share in shares_in_time(days).items() if share is not None},
        days_by_state=states,
        open_incidents=Counter(incident.problem.severity for incident in incidents),
    )
    write_metrics(path, read_figures(serving, told, now))

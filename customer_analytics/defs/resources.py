"""What all runs share: resources, executor, and a watch over runs whose process is gone."""

import dagster as dg

from customer_analytics.components.resources import build_resources
from customer_analytics.components.vanished_runs import build_vanished_runs_sensor
from customer_analytics.settings import Settings


@dg.definitions
def resources() -> dg.Definitions:
    """Warehouse, landing area, how days are recorded; steps share the run's process: DuckDB has one writer."""
    return dg.Definitions(
        resources=build_resources(Settings()),
        executor=dg.in_process_executor,
        sensors=[build_vanished_runs_sensor()],
    )

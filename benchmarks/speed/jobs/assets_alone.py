"""Our code location without its sensors and schedules, which would load what has landed before the page is asked."""

import dagster as dg

from customer_analytics import definitions


@dg.definitions
def defs() -> dg.Definitions:
    """Assets and checks, and what they need."""
    everything = definitions.defs()
    return dg.Definitions(
        assets=everything.assets,
        asset_checks=everything.asset_checks,
        resources=everything.resources,
        executor=everything.executor,
    )

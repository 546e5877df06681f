"""The resources of the code location."""

import dagster as dg

from customer_analytics.components.resources import build_resources
from customer_analytics.settings import Settings


@dg.definitions
def resources() -> dg.Definitions:
    """Warehouse, landing area, and how days are recorded."""
    return dg.Definitions(resources=build_resources(Settings()))

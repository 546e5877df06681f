"""The sources that the project declares, read from their YAML."""

import dagster as dg

from customer_analytics.components.daily_source import DailySource
from customer_analytics.contracts.source import Source
from customer_analytics.settings import PROJECT_ROOT


def declared_sources() -> list[Source]:
    """Every source with a ``defs.yaml``, by name."""
    tree = dg.ComponentTree.for_project(PROJECT_ROOT)
    components = tree.get_all_components(of_type=DailySource)
    return sorted((component.source for component in components), key=lambda source: source.name)

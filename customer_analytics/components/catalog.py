"""What the project declares, read from its YAML."""

import dagster as dg

from customer_analytics.components.alerts import Alerts
from customer_analytics.components.daily_source import DailySource
from customer_analytics.components.watched import Watched
from customer_analytics.contracts.source import Source
from customer_analytics.settings import PROJECT_ROOT


def declared_sources() -> list[Source]:
    """Every source with a ``defs.yaml``, by name."""
    components = _tree().get_all_components(of_type=DailySource)
    return sorted((component.source for component in components), key=lambda source: source.name)


def declared_watch() -> Watched:
    """What is watched, and who is told."""
    tree = _tree()
    alerts = tree.get_all_components(of_type=Alerts)
    return (alerts[0] if alerts else Alerts()).watched(tree)


def _tree() -> dg.ComponentTree:
    return dg.ComponentTree.for_project(PROJECT_ROOT)

"""What is watched and who is told, as the YAML declares it. A look itself, and all it imports, is in ``watch``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from customer_analytics.alerting.routing import Routing, WebhookVariables
from customer_analytics.alerting.surroundings import Surroundings
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.reporting.schedule import Timetable


@dataclass(frozen=True)
class Automation:
    """The sensors that must look, and how long a sensor or daemon may be silent."""

    sensors: Sequence[str]
    patience: timedelta


@dataclass(frozen=True)
class Watched:
    """Everything that a look has to know of the project; ``breakers`` are those of the assets that have one."""

    surroundings: Surroundings
    timetable: Timetable
    breakers: Mapping[str, BreakerPolicy]
    automation: Automation
    routing: Routing
    webhooks: Sequence[WebhookVariables]

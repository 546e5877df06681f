"""The component that turns the YAML of alerts into the sensor ``watch``."""

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import dagster as dg
from pydantic import Field

from customer_analytics.alerting.routing import Routing, WebhookVariables
from customer_analytics.alerting.surroundings import Surroundings
from customer_analytics.components.as_of_automation import REFRESH_SENSOR
from customer_analytics.components.customer_assets import CustomerAssets
from customer_analytics.components.daily_source import DailySource
from customer_analytics.components.declarations import BreakerPolicy, resolved_as
from customer_analytics.components.names import (
    ALIASES_SENSOR,
    CUSTOMER_HEALTH_REPORT,
    REPORT_SENSOR,
    VANISHED_RUNS_SENSOR,
)
from customer_analytics.components.watched import Automation, Watched
from customer_analytics.contracts.timetable import Output, conflicts
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.reporting.links import Links
from customer_analytics.reporting.schedule import Timetable
from customer_analytics.settings import Settings

if TYPE_CHECKING:
    from customer_analytics.components.watch import Look

WATCH_SENSOR = "watch"
Webhooks = Annotated[
    Any,
    dg.Resolver(
        lambda _, declared: [WebhookVariables.model_validate(each) for each in declared],
        model_field_type=list[WebhookVariables],
    ),
]
# Checked while the YAML is read, so that the error names file and line.
UiUrl = Annotated[
    Links, dg.Resolver(lambda _, address: Links(address), model_field_name="ui_url", model_field_type=str)
]


class Alerts(dg.Component, dg.Model, dg.Resolvable):
    """Who is told of what is wrong, and of what is ready."""

    links: UiUrl = Field(default=Links("http://127.0.0.1:3000"), description="Where the Dagster UI is, for links.")
    silent_minutes: float = Field(default=10, gt=0, description="So long a sensor or daemon may be silent.")
    routing: Annotated[Any, resolved_as(Routing)] = Routing()
    webhooks: Webhooks = Field(default_factory=list)

    def watched(self, tree: dg.ComponentTree) -> Watched:
        """What the project's other components declare, together with who is told."""
        sources = tree.get_all_components(of_type=DailySource)
        outputs = {
            name: output
            for component in tree.get_all_components(of_type=CustomerAssets)
            for name, output in component.outputs.items()
        }
        sensors = [f"{source.name}_flag" for source in sources] + [
            *(REFRESH_SENSOR, ALIASES_SENSOR, REPORT_SENSOR, VANISHED_RUNS_SENSOR, WATCH_SENSOR)
        ]
        return Watched(
            surroundings=Surroundings(
                {each.name: each.owners for each in sources} | {name: each.owners for name, each in outputs.items()},
                self.links,
            ),
            timetable=Timetable(
                {each.name: each.schedule for each in sources},
                {
                    name: Output(DERIVED_ASSETS[name].sources, each.schedule, DERIVED_ASSETS[name].after)
                    for name, each in outputs.items()
                },
            ),
            breakers={each.name: each.breaker for each in sources}
            | {name: each.breaker for name, each in outputs.items()}
            | {CUSTOMER_HEALTH_REPORT: BreakerPolicy()},
            automation=Automation(sensors, timedelta(minutes=self.silent_minutes)),
            routing=self.routing,
            webhooks=self.webhooks,
        )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The sensor; says in the log which declared times cannot be kept."""
        watched = self.watched(context.component_tree)
        for words in declared_conflicts(watched.timetable, datetime.now(UTC)):
            logging.getLogger(__name__).warning(words)
        return dg.Definitions(sensors=[_build_watch_sensor(watched)])


def declared_conflicts(timetable: Timetable, now: datetime) -> list[str]:
    """Why declared times cannot be kept in the coming year."""
    days = [now.date() + timedelta(days=ahead) for ahead in range(366)]
    return conflicts(timetable.deliveries, timetable.outputs, days)


def _build_watch_sensor(watched: Watched) -> dg.SensorDefinition:
    @dg.sensor(
        name=WATCH_SENSOR,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks for what is wrong, tells people of it once, and systems downstream of what is ready.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        from customer_analytics.components.watch import look

        return dg.SkipReason(in_words(look(watched, Settings(), context.instance, datetime.now(UTC))))

    return watch


def in_words(found: "Look | None") -> str:
    """What a look found and did."""
    if found is None:
        return "Another look is under way."
    news = f"{len(found.opened)} new, {len(found.resolved)} over, {found.sent} messages sent"
    return ". ".join([f"{len(found.problems)} problems: {news}", *found.notes])

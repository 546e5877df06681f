"""The component that turns the YAML of the report into its asset, and the sensor that asks for it every morning."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from customer_analytics.components.alerts import Alerts
from customer_analytics.components.breaker import read_breaker
from customer_analytics.components.declarations import BreakerPolicy
from customer_analytics.components.names import CUSTOMER_HEALTH_REPORT, REPORT_SENSOR
from customer_analytics.components.partitions import daily_partitions, range_request
from customer_analytics.components.recording import Events, check_outputs, check_specs, evaluations
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import begin, days_under_way, note_outcome
from customer_analytics.metrics.as_of import latest_whole_day
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.quality.outcome import SAMPLE_SIZE, CheckOutcome
from customer_analytics.reporting.links import Links
from customer_analytics.settings import Settings
from customer_analytics.warehouse.connection import peek_warehouse
from customer_analytics.warehouse.errors import WarehouseVersionError

if TYPE_CHECKING:
    from customer_analytics.reporting.health.drawing import Plot
    from customer_analytics.reporting.health.page import HealthReport as Page

LARGEST_PAGE = 2_000_000
CHECKS = {
    "fits_a_mail": f"The page has less than {LARGEST_PAGE // 1_000_000} MB.",
    "numbers_can_be_used": "The day's inputs are there, and no check of them or of what is derived failed or warned.",
}


class HealthReport(dg.Component, dg.Model, dg.Resolvable):
    """A page a day for people, and the list of whom to call for their spreadsheet."""

    owners: list[str] = Field(default_factory=list, description="E-mail addresses or team:name.")

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The asset and its sensor; links go to where the component of alerts says that the Dagster UI is."""
        settings, partitions = Settings(), daily_partitions(Settings())
        alerts = context.component_tree.get_all_components(of_type=Alerts)
        asset = _build_asset(self.owners, (alerts[0] if alerts else Alerts()).links, partitions, settings)
        return dg.Definitions(assets=[asset], sensors=[_build_sensor(asset, partitions, settings)])


def _build_asset(
    owners: list[str], links: Links, partitions: dg.PartitionsDefinition, settings: Settings
) -> dg.AssetsDefinition:
    key = dg.AssetKey(CUSTOMER_HEALTH_REPORT)
    checks = check_specs(CUSTOMER_HEALTH_REPORT, CHECKS, partitions, warnings_only=CHECKS)

    @dg.asset(
        key=key,
        deps=list(DERIVED_ASSETS),
        description="The day on one page: value and risk, whom to call, and whether the numbers can be trusted.",
        owners=owners,
        group_name="customers",
        kinds={"html", "csv"},
        metadata={"dagster/uri": settings.reports_dir.as_uri(), "grain": "one page and one list a day"},
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=checks,
        io_manager_key="published_days",
    )
    def customer_health_report(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Events:
        from customer_analytics.reporting.call_list import write_call_list
        from customer_analytics.reporting.health.page import write_health_reports

        days, _ = begin(context, CUSTOMER_HEALTH_REPORT)
        warehouse.give_readers_the_news(context.log.info)
        audits = {}
        with peek_warehouse(settings.serving_path) as serving:
            if serving is None:
                message = f"There is no {settings.serving_path} yet: materialize what it tells of first."
                raise dg.Failure(description=message)
            for page in write_health_reports(serving, days, settings.reports_dir, links):
                day = page.figures.day
                call_list = write_call_list(serving, day, settings.exports_dir)
                metadata: dict[str, Any] = {
                    "page": dg.MetadataValue.path(str(page.path)),
                    "call_list": dg.MetadataValue.path(str(call_list)),
                    "size_bytes": page.size_bytes,
                }
                metadata |= _pictures(page.plots) if day == days[-1] else {}
                context.add_asset_metadata(metadata, asset_key=key, partition_key=day.isoformat())
                audits[day] = _audit(page)
        note_outcome(context, CUSTOMER_HEALTH_REPORT, "published")
        yield dg.Output([day.isoformat() for day in days], output_name="result")
        yield from evaluations(context, key, audits, checks)
        yield from check_outputs(key, checks)

    return customer_health_report


def _pictures(plots: "Mapping[str, Plot]") -> dict[str, dg.MetadataValue]:
    """The plots as pictures in the page of the run; of the last day only, because each takes place in the event log."""
    return {
        name: dg.MetadataValue.md(f"![{name}](data:image/png;base64,{base64.b64encode(plot.png).decode()})")
        for name, plot in plots.items()
    }


def _audit(page: "Page") -> list[CheckOutcome]:
    cautions = page.figures.cautions
    return [
        CheckOutcome(
            "fits_a_mail",
            "passed" if page.size_bytes < LARGEST_PAGE else "warned",
            f"less than {LARGEST_PAGE:,} bytes",
            f"{page.size_bytes:,} bytes",
            number=page.size_bytes,
        ),
        CheckOutcome(
            "numbers_can_be_used",
            "warned" if cautions else "passed",
            "nothing to be careful about",
            f"things to be careful about: {len(cautions)}",
            sample=tuple(caution.words for caution in cautions[:SAMPLE_SIZE]),
            number=len(cautions),
        ),
    ]


def _build_sensor(
    asset: dg.AssetsDefinition, partitions: dg.DailyPartitionsDefinition, settings: Settings
) -> dg.SensorDefinition:
    """Asks for the newest day's report when all that it tells of is there, and again when that was computed again.

    A report is a document of its morning: late data do not rewrite those of earlier days. Launch them to have that.
    """

    @dg.sensor(
        name=REPORT_SENSOR,
        target=asset,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes the report of the newest day once everything that it tells of is computed.",
    )
    def due(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            with peek_warehouse(settings.serving_path) as serving:
                newest = latest_whole_day(serving) if serving else None
        except WarehouseVersionError as error:
            return dg.SkipReason(str(error))
        if newest is None or not partitions.has_partition_key(newest.day.isoformat()):
            return dg.SkipReason("There is no day yet of which everything is computed.")
        if any(
            newest.day in days_under_way(context.instance, name) for name in (*DERIVED_ASSETS, CUSTOMER_HEALTH_REPORT)
        ):
            return dg.SkipReason(f"{newest.day} is being computed.")
        breaker = read_breaker(context.instance, CUSTOMER_HEALTH_REPORT, BreakerPolicy(), datetime.now(UTC))
        if breaker.lets_nothing_through:
            return dg.SkipReason(breaker.words)
        key = f"{newest.day}:{newest.computed_at:%Y-%m-%dT%H:%M:%S.%f}:{breaker.failures}"
        return range_request(newest.day, newest.day, key, CUSTOMER_HEALTH_REPORT)

    return due

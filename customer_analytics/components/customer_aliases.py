"""Who is who: the asset that reads the file of merged customers, and the sensor that sees it change."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from customer_analytics.components.names import ALIASES_SENSOR, CUSTOMER_ALIASES
from customer_analytics.components.resources import Warehouse
from customer_analytics.components.runs import ended_loads, followers, note_outcome, note_start, requested
from customer_analytics.metrics.identity import (
    AliasesRefusedError,
    aliases_changed,
    aliases_revision,
    read_aliases,
    store_aliases,
)
from customer_analytics.warehouse.errors import WarehouseBusyError, WarehouseVersionError
from customer_analytics.warehouse.transaction import transaction


def build_customer_aliases(path: Path) -> dg.AssetsDefinition:
    """The map of ids of merged customers; what is derived counts them as one, in all of history."""

    @dg.asset(
        key=CUSTOMER_ALIASES,
        description=f"Ids of merged customers and whom they stand for, from {path.name} in the data folder.",
        group_name="customers",
        kinds={"duckdb", "csv"},
        metadata={"dagster/table_name": "marts.customer_aliases", "grain": "alias_id", "file": str(path)},
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb",
    )
    def customer_aliases(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
        note_start(context, CUSTOMER_ALIASES)
        try:
            aliases = read_aliases(path)
        except AliasesRefusedError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        purpose = f"{CUSTOMER_ALIASES}, run {context.run_id}"
        readers_wait = bool(followers(context, CUSTOMER_ALIASES))
        opened = warehouse.get_connection(purpose, context.log.info, readers_wait=readers_wait)
        with opened as connection, transaction(connection):
            is_new = store_aliases(connection, aliases)
        note_outcome(context, CUSTOMER_ALIASES, "published")
        return dg.MaterializeResult(metadata={"dagster/row_count": len(aliases), "has_changed": is_new})

    return customer_aliases


def build_aliases_sensor(asset: dg.AssetsDefinition, path: Path) -> dg.SensorDefinition:
    """Reads the map again when the file says something else than what was read last; it keeps no cursor.

    After a run that failed it does so once more in any case: where the file was put back as it was, that ends well. A
    file that is refused is tried once an hour.
    """

    @dg.sensor(
        name=ALIASES_SENSOR,
        target=asset,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Reads {path.name} again when it has changed.",
    )
    def changed(context: dg.SensorEvaluationContext, warehouse: Warehouse) -> dg.RunRequest | dg.SkipReason:
        try:
            with warehouse.peek() as connection:
                if connection is None:
                    return dg.SkipReason("There is no warehouse yet.")
                revision = aliases_revision(connection)
                has_failed = any(load.failed for load in ended_loads(context.instance, CUSTOMER_ALIASES, limit=1))
                if not (has_failed or aliases_changed(connection, path)):
                    return dg.SkipReason("The aliases are those that were read last.")
        except AliasesRefusedError as error:
            context.log.warning(str(error))  # The run says the same, and people are told of it.
        except (WarehouseBusyError, WarehouseVersionError) as error:
            return dg.SkipReason(str(error))
        run_key = f"{_digest(path)}:{revision}:{datetime.now(UTC):%Y-%m-%dT%H}"
        return dg.RunRequest(run_key=run_key, tags=requested(CUSTOMER_ALIASES))

    return changed


def _digest(path: Path) -> str:
    """Of the file's content; of nothing where there is no file, or it cannot be read."""
    content = b""
    with suppress(OSError):
        if path.is_file():
            content = path.read_bytes()
    return hashlib.sha256(content).hexdigest()

"""``customer-analytics upgrade``."""

from customer_analytics.cli.common import Json, console, ended, print_json, read_settings, say


def upgrade(as_json: Json = False) -> None:
    """Bring the warehouse and its snapshot to this version, before daemon and sensors start again.

    The first run would do it too; until then neither readers nor alerts would see what the new version keeps.
    """
    from customer_analytics.reporting.serving import refresh_serving
    from customer_analytics.warehouse.connection import open_warehouse
    from customer_analytics.warehouse.errors import WarehouseError
    from customer_analytics.warehouse.schema import current_version

    settings = read_settings()
    if not settings.warehouse_path.exists():
        message = f"There is no warehouse at {settings.warehouse_path}; the first run makes it."
        raise ended(message)
    try:
        with open_warehouse(
            settings.warehouse_path,
            "an upgrade",
            timeout_seconds=settings.lock_timeout_seconds,
            memory_limit=settings.memory_limit,
            log=say,
        ) as connection:
            refresh_serving(connection, settings.serving_path)
            version = current_version(connection)
    except WarehouseError as error:
        raise ended(str(error)) from error
    if as_json:
        print_json({"warehouse": settings.warehouse_path, "version": version})
    else:
        console.print(
            f"{settings.warehouse_path} has version {version}.", highlight=False, markup=False, soft_wrap=True
        )

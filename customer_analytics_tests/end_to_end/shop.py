"""What a small company delivers, what its readers see of it, and which runs there were."""

from collections import Counter
from decimal import Decimal

from customer_analytics.components.names import CUSTOMER_HEALTH_REPORT
from customer_analytics_tests.components.conftest import ORDERS_HEADER
from customer_analytics_tests.end_to_end.project import Project

TICKETS_HEADER = "ticket_id,customer_id,created_date,category,priority,resolved_date\n"

Revenue = list[tuple[str, str, Decimal]]


def land_orders(project: Project, day: str, amount: str) -> None:
    """One order of alice's."""
    project.land("orders", day, f"{ORDERS_HEADER}{day}-1,alice,{day} 10:00:00,{amount},paid\n")


def land_bad_orders(project: Project, day: str) -> None:
    """Nine of ten records have no customer: a check holds the day back."""
    rows = "".join(f"{day}-{n},{'' if n else 'alice'},{day} 10:00:00,1.00,paid\n" for n in range(10))
    project.land("orders", day, ORDERS_HEADER + rows)


def land_many_orders(project: Project, day: str, records: int) -> None:
    """So many that loading them takes a while; each is of alice's, and of 1.00."""
    rows = "".join(f"{day}-{n},alice,{day} 10:00:00,1.00,paid\n" for n in range(records))
    project.land("orders", day, ORDERS_HEADER + rows)


def land_tickets(project: Project, day: str) -> None:
    """Two urgent ones of bob's."""
    rows = "".join(f"{day}-{number},bob,{day} 09:00:00,login,high,\n" for number in range(2))
    project.land("support_tickets", day, TICKETS_HEADER + rows)


def revenue(project: Project) -> Revenue:
    """Day, customer and revenue as readers of the serving snapshot see them; nothing before there is one."""
    if not project.serving.exists():
        return []
    return project.query(
        "select as_of_date::varchar, customer_id, total_revenue from marts.customer_lifetime_value order by all",
        "serving.duckdb",
    )


def at_risk(project: Project) -> list[tuple[str, str]]:
    """Day and customer as readers see them."""
    if not project.serving.exists():
        return []
    return project.query(
        "select as_of_date::varchar, customer_id from marts.at_risk_customers order by all", "serving.duckdb"
    )


def alice(**by_day: str) -> Revenue:
    """Alice's revenue as of days of November, given like ``day1="10.00"``."""
    return [(f"2026-11-0{day[-1]}", "alice", Decimal(amount)) for day, amount in by_day.items()]


def runs(project: Project) -> Counter[tuple[str, str]]:
    """How many runs there were of each asset, by how they ended; a flag's sensor asks for its own asset.

    The report is not among them: it is asked for a moment after all others.
    """
    with project.instance() as instance:
        return Counter(
            (asset, run.status.value)
            for run in instance.get_runs()
            for asset in sorted(key.to_user_string() for key in run.asset_selection or ())
            or [run.tags["dagster/sensor_name"].removesuffix("_flag")]
            if asset != CUSTOMER_HEALTH_REPORT
        )


def is_quiet(project: Project) -> bool:
    """Whether every run has ended."""
    return {status for _, status in runs(project)} <= {"SUCCESS", "FAILURE"}

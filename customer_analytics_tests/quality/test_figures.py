"""What a judged day looks like in numbers: the share of records that lack a value, whatever became of them."""

from customer_analytics.contracts.policy import Limit
from customer_analytics.quality.figures import DayFigures
from customer_analytics_tests.bad_input.records import lenient
from customer_analytics_tests.scenario import DAY, TICKETS, Scene

HEADER = "ticket_id,customer_id,created_date,category,priority,resolved_date\n"
SOURCE = lenient(TICKETS, nulls={"resolved_date": Limit(warn=0.5, block=0.5)})
RESOLVED = f"{DAY} 12:00:00"


def ticket(ticket_id: str, priority: str = "low", resolved: str = "", customer: str = "C-1") -> str:
    return f"{ticket_id},{customer},{DAY} 09:00:00,size,{priority},{resolved}\n"


def figures_of(scene: Scene, *lines: str) -> DayFigures:
    figures = scene.deliver(SOURCE, HEADER + "".join(lines)).figures
    assert figures
    return figures


def test_a_record_that_was_set_aside_lacks_what_it_lacks(scene: Scene) -> None:
    report = scene.deliver(SOURCE, HEADER + "".join(ticket(f"T-{n}", "odd" if n % 2 else "low") for n in range(10)))
    check = next(check for check in report.checks if check.check == "nulls")
    assert (check.outcome, check.found) == ("failed", "resolved_date 100.00%")


def test_whatever_it_was_set_aside_for(scene: Scene) -> None:
    figures = figures_of(
        scene,
        ticket("T-1"),
        ticket("T-1"),
        ticket("T-1", resolved=RESOLVED),
        ticket("T-2", customer=""),
        ticket("T-3", resolved="yesterday"),
        ticket("T-4", resolved=RESOLVED),
        ticket("", "odd"),
    )
    assert (figures.accepted, figures.quarantined, figures.without_cells) == (2, 5, 0)
    missing = {column: records for column, records in figures.nulls.items() if records}
    assert missing == {"ticket_id": 1, "customer_id": 1, "resolved_date": 4}
    assert figures.null_share("resolved_date") == 4 / 7


def test_of_a_line_without_cells_nobody_knows_what_it_lacks(scene: Scene) -> None:
    bad = ("T-3,C-1\n", '"T"-4,C-1,,,,\n', ticket("T-6", "odd"))
    figures = figures_of(scene, ticket("T-1"), ticket("T-2", resolved=RESOLVED), ticket("T-5"), *bad)
    assert (figures.quarantined, figures.without_cells, figures.nulls["resolved_date"]) == (3, 2, 3)
    assert figures.null_share("resolved_date") == 3 / 4
    assert figures_of(scene, "T-3,C-1\n").null_share("resolved_date") == 0

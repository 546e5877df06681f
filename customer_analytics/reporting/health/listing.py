"""The list of the day: who is to be called, and who entered or left it since the day before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from customer_analytics.metrics.derived import AT_RISK_CUSTOMERS
from customer_analytics.reporting.health.statements import statement
from customer_analytics.reporting.health.words import counted

SHOWN_CALLS = 20
SHOWN_MOVES = 8


@dataclass(frozen=True)
class Call:
    """A customer on the list who is not held out; ``value_at_risk`` is in currency units."""

    rank: int | None
    customer_id: str
    is_today: bool
    reasons: tuple[str, ...]
    action: str
    value_at_risk: Decimal | None
    no_order_probability: float | None
    entered_on: date | None


@dataclass(frozen=True)
class CallList:
    """Who is to be called first, and how many more there are; ``is_computed`` says whether there is a list at all."""

    is_computed: bool
    listed: int
    to_call_today: int
    held_out: int
    first: tuple[Call, ...]

    @property
    def not_shown(self) -> int:
        """How many of those who are not held out the page leaves out."""
        return self.listed - self.held_out - len(self.first)


@dataclass(frozen=True)
class Move:
    """Somebody who entered the list or left it, and why."""

    customer_id: str
    value_at_risk: Decimal | None
    why: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """Who entered and who left since the day before; the numbers are of all, not only of those who are named."""

    is_known: bool
    entered: tuple[Move, ...] = ()
    left: tuple[Move, ...] = ()
    entered_count: int = 0
    left_count: int = 0


def read_calls(connection: duckdb.DuckDBPyConnection, day: date) -> CallList:
    """The first of the day's list."""
    counts = connection.execute(statement("call_counts"), {"day": day}).fetchone()
    rows = connection.execute(statement("calls"), {"day": day, "rows": SHOWN_CALLS}).fetchall()
    listed_count, to_call_today, held_out = counts or (0, 0, 0)
    calls = tuple(
        Call(rank, customer, bool(is_today), tuple(reasons or ()), action, value, probability, entered)
        for rank, customer, is_today, reasons, action, value, probability, entered in rows
    )
    return CallList(_is_computed(connection, day), listed_count, to_call_today, held_out, calls)


def read_moves(connection: duckdb.DuckDBPyConnection, day: date) -> Moves:
    """Who entered the list or left it since the day before, most at stake first."""
    if not (_is_computed(connection, day) and _is_computed(connection, day - timedelta(days=1))):
        return Moves(is_known=False)
    rows = connection.execute(statement("moves"), {"day": day, "rows": SHOWN_MOVES}).fetchall()
    entered, left = [], []
    counts = {True: 0, False: 0}
    for has_entered, moved, customer, reasons, value, was_listed_from, *facts in rows:
        counts[has_entered] = moved
        if has_entered:
            entered.append(Move(customer, value, tuple(reasons or ())))
        else:
            left.append(Move(customer, value, _why_left(was_listed_from, tuple(reasons or ()), *facts)))
    return Moves(True, tuple(entered), tuple(left), counts[True], counts[False])


def _why_left(
    was_listed_from: date | None,
    reasons: tuple[str, ...],
    last_order: date | None,
    tickets_before: int | None,
    tickets_now: int | None,
) -> tuple[str, ...]:
    why = []
    if tickets_before is not None and tickets_now is not None and tickets_now < tickets_before:
        why.append(f"{counted(tickets_now, 'ticket')} in 30 days, after {tickets_before:,}")
    since = f"since {was_listed_from} " if was_listed_from else ""
    why.append(f"was listed {since}for: {'; '.join(reasons)}")
    if last_order and was_listed_from and last_order >= was_listed_from:
        why.append(f"has ordered since, on {last_order}")
    return tuple(why)


def _is_computed(connection: duckdb.DuckDBPyConnection, day: date) -> bool:
    row = connection.execute(
        "select count(*) from marts.as_of_days where asset = ? and as_of_date = ?", [AT_RISK_CUSTOMERS.name, day]
    ).fetchone()
    return bool(row and row[0])

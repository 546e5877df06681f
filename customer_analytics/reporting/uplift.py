"""What outreach is worth: those who were to be called against those whom the lot held out, once outcomes are in.

Everybody counts in the group that the lot put them in, called or not (intention to treat): only so the groups differ by
nothing but outreach. What is measured is the list as it is worked, also where there is time for a part of it only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Literal

import duckdb
from scipy import stats

from customer_analytics.reporting.listings import Listing, outcomes_known_through, read_listings

Verdict = Literal["helps", "harms", "no_difference_told", "cannot_tell"]

CONFIDENCE = 0.95
POWER = 0.8
# Where so few of 1,000 fair lots would be as uneven as this one, something else than the lot put people into groups.
UNFAIR_LOT = 0.001
LEAST_IN_GROUP = 2
# Among fewer who spent anything, the mean hangs on single orders, and no interval holds what it promises.
LEAST_SPENDERS = 10


@dataclass(frozen=True)
class Group:
    """Customers that the lot put together. Amounts are in currency units a customer, spend is net of refunds.

    ``value_at_risk`` is of the day they were listed, so that groups can be compared as they were before.
    """

    customers: int
    ordered: int
    share_ordered: float | None
    spend: float | None
    value_at_risk: float | None


@dataclass(frozen=True)
class Difference:
    """To be called less held out, with its interval of 95 %; ``relative`` is to what those held out did."""

    value: float
    low: float
    high: float
    relative: float | None


@dataclass(frozen=True)
class Uplift:
    """What outreach did to customers who were listed from ``since`` to ``until``, in the ``horizon_days`` afterwards.

    ``smallest_seen`` is the difference between the shares that would be told from chance in four cases of five.
    ``lot_p_value`` is how likely a fair lot is to divide the customers so unevenly, or more. ``missing`` says what
    keeps more from being told. ``waiting`` customers were listed so late that their horizon is not over.
    """

    since: date
    until: date
    horizon_days: int
    known_through: date | None
    called: Group
    held_out: Group
    waiting: int
    orders: Difference | None
    spend: Difference | None
    smallest_seen: float | None
    lot_p_value: float | None
    verdict: Verdict
    missing: tuple[str, ...]


def measure_uplift(connection: duckdb.DuckDBPyConnection, since: date, until: date, horizon_days: int) -> Uplift:
    """Measure the outreach to those who were listed from ``since`` to ``until``, both included.

    Raises:
        ValueError: the period ends before it begins, or the horizon is not a day long.
    """
    if until < since or horizon_days < 1:
        message = f"From {since} to {until} with {horizon_days} days after it is no period that can be measured."
        raise ValueError(message)
    listings = read_listings(connection, since, until, horizon_days)
    known_through = outcomes_known_through(connection)
    last = known_through and known_through - timedelta(days=horizon_days)
    over = [listing for listing in listings if last and listing.entered_on <= last]
    called = [listing for listing in over if not listing.is_held_out]
    held_out = [listing for listing in over if listing.is_held_out]
    groups = group(called), group(held_out)
    can_tell = min(len(called), len(held_out)) >= LEAST_IN_GROUP
    orders = share_difference(*groups) if can_tell else None
    lot = lot_p_value(over)
    return Uplift(
        since=since,
        until=until,
        horizon_days=horizon_days,
        known_through=known_through,
        called=groups[0],
        held_out=groups[1],
        waiting=len(listings) - len(over),
        orders=orders,
        spend=spend_difference(called, held_out) if can_tell else None,
        smallest_seen=smallest_seen(*groups) if can_tell else None,
        lot_p_value=lot,
        verdict=_verdict(orders, lot),
        missing=tuple(_missing(listings, groups, horizon_days, known_through)),
    )


def group(listings: Sequence[Listing]) -> Group:
    """What a group did."""
    size, ordered = len(listings), sum(listing.has_ordered for listing in listings)
    if not size:
        return Group(0, 0, None, None, None)
    spend, value_at_risk = (sum(getattr(each, name) for each in listings) / size for name in ("spend", "value_at_risk"))
    return Group(size, ordered, ordered / size, spend, value_at_risk)


def share_difference(called: Group, held_out: Group) -> Difference:
    """The difference between the shares that ordered; both groups have customers.

    The interval is Newcombe's (Statistics in Medicine 17, 1998, 873-890, method 10) of two Wilson intervals.
    """
    one, other = called.ordered / called.customers, held_out.ordered / held_out.customers
    (low_one, high_one), (low_other, high_other) = _wilson(called), _wilson(held_out)
    difference = one - other
    return Difference(
        difference,
        difference - sqrt((one - low_one) ** 2 + (high_other - other) ** 2),
        difference + sqrt((high_one - one) ** 2 + (other - low_other) ** 2),
        difference / other if other else None,
    )


def spend_difference(called: Sequence[Listing], held_out: Sequence[Listing]) -> Difference | None:
    """The difference between the mean spends, with Welch's interval; None where too few spent anything."""
    one, other = ([listing.spend for listing in listings] for listings in (called, held_out))
    if min(sum(spend != 0 for spend in spends) for spends in (one, other)) < LEAST_SPENDERS:
        return None
    if len({*one}) == len({*other}) == 1:  # Nothing varies, and nothing can be said of how it does.
        return None
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    interval = stats.ttest_ind(one, other, equal_var=False).confidence_interval(CONFIDENCE)
    relative = (mean_one - mean_other) / mean_other if mean_other > 0 else None
    return Difference(mean_one - mean_other, float(interval.low), float(interval.high), relative)


def smallest_seen(called: Group, held_out: Group) -> float:
    """The difference between two shares that groups of this size tell from chance with the power ``POWER``."""
    # One more who ordered and one more who did not: a share of 0 or 1 says nothing of how shares vary.
    ordered, customers = called.ordered + held_out.ordered + 1, called.customers + held_out.customers + 2
    share = ordered / customers
    quantiles = float(stats.norm.ppf((1 + CONFIDENCE) / 2) + stats.norm.ppf(POWER))
    return quantiles * sqrt(share * (1 - share) * (1 / called.customers + 1 / held_out.customers))


def lot_p_value(listings: Sequence[Listing]) -> float | None:
    """How likely a fair lot is to divide customers so unevenly, or more; None where the lot's share is not known."""
    shares = [listing.holdout_share for listing in listings if listing.holdout_share is not None]
    if not listings or len(shares) < len(listings):
        return None
    held_out = sum(listing.is_held_out for listing in listings)
    return float(stats.binomtest(held_out, len(listings), sum(shares) / len(shares)).pvalue)


def _wilson(group: Group) -> tuple[float, float]:
    interval = stats.binomtest(group.ordered, group.customers).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def _verdict(orders: Difference | None, lot: float | None) -> Verdict:
    if orders is None or (lot is not None and lot < UNFAIR_LOT):
        return "cannot_tell"
    if orders.low > 0:
        return "helps"
    return "harms" if orders.high < 0 else "no_difference_told"


def _missing(
    listings: Sequence[Listing], groups: tuple[Group, Group], horizon_days: int, known_through: date | None
) -> list[str]:
    missing = []
    if not listings:
        missing.append("nobody entered the list in this period")
    if listings and known_through is None:
        missing.append("no orders are published")
    elif listings and not any(group.customers for group in groups):
        first = min(listing.entered_on for listing in listings) + timedelta(days=horizon_days)
        missing.append(f"the horizon is not over for anybody before {first}; orders are known through {known_through}")
    elif listings:
        missing += [
            f"fewer than {LEAST_IN_GROUP} customers are {name}"
            for name, each in zip(("to be called", "held out"), groups, strict=True)
            if each.customers < LEAST_IN_GROUP
        ]
    return missing

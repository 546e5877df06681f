"""What was measured of outreach, in sentences."""

from collections.abc import Iterator

from customer_analytics.reporting.uplift import LEAST_SPENDERS, UNFAIR_LOT, Difference, Uplift


def uplift_in_words(uplift: Uplift) -> Iterator[str]:
    """The verdict first, then what it rests on, then what is missing."""
    yield _verdict(uplift)
    called, held_out, days = uplift.called, uplift.held_out, uplift.horizon_days
    if uplift.orders and called.share_ordered is not None and held_out.share_ordered is not None:
        yield (
            f"Of {called.customers:,} who were to be called {called.share_ordered:.1%} ordered within {days} days, of "
            f"{held_out.customers:,} held out {held_out.share_ordered:.1%}: {_points(uplift.orders)}."
        )
    if uplift.spend and called.spend is not None and held_out.spend is not None:
        yield (
            f"They spent {called.spend:,.2f} and {held_out.spend:,.2f} each: {uplift.spend.value:+,.2f} "
            f"({uplift.spend.low:+,.2f} to {uplift.spend.high:+,.2f}){_relative(uplift.spend)}. Mean spend hangs on "
            "a few large orders: trust the share who ordered first."
        )
    if uplift.orders and not uplift.spend:
        yield f"What they spent is not compared: fewer than {LEAST_SPENDERS} of a group spent anything, or all alike."
    if called.value_at_risk is not None and held_out.value_at_risk is not None:
        yield (
            f"When they were listed, {called.value_at_risk:,.2f} and {held_out.value_at_risk:,.2f} were at risk with "
            "each on the average: the closer these are, the more alike the groups were."
        )
    if uplift.waiting:
        yield f"{uplift.waiting:,} more were listed in this period; for them {days} days are not over yet."


def _verdict(uplift: Uplift) -> str:
    if uplift.missing:
        return f"Nothing can be told: {'; '.join(uplift.missing)}."
    if uplift.verdict == "cannot_tell":
        total = uplift.called.customers + uplift.held_out.customers
        return (
            f"Nothing can be told: {uplift.held_out.customers:,} of {total:,} were held out, which a fair lot does "
            f"in less than {UNFAIR_LOT:.1%} of all cases. Something else decides who is held out; mend that first."
        )
    if uplift.verdict == "helps":
        return "Outreach helps: more of those who were to be called ordered, and that is not chance."
    if uplift.verdict == "harms":
        return "Outreach harms: fewer of those who were to be called ordered, and that is not chance."
    return (
        f"No difference can be told yet: with {uplift.held_out.customers:,} held out, differences below "
        f"{(uplift.smallest_seen or 0) * 100:.1f} points go unseen."
    )


def _points(difference: Difference) -> str:
    return (
        f"{difference.value * 100:+.1f} points ({difference.low * 100:+.1f} to {difference.high * 100:+.1f})"
        f"{_relative(difference)}"
    )


def _relative(difference: Difference) -> str:
    return "" if difference.relative is None else f", {difference.relative:+.0%} relative to the held out"

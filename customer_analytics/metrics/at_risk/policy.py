"""Who is listed, for how long, and whom to call: a business's own numbers."""

from dataclasses import dataclass, fields
from typing import ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class AtRiskPolicy:
    """When a customer enters the list, when the list lets go, and how many of it are called.

    For each signal there are two bands: what lists somebody (``enter_``), and the weaker one that keeps somebody who is
    listed (``stay_``). Numbers of tickets are those of the last 30 or 7 days. The defaults for tickets were chosen on
    the first half of a help desk's days and confirmed on the second, see ``docs/analytics.md``.

    Raises:
        ValueError: a share or probability is not within 0 and 1, a number is too low, or a stay band lies above its
            enter band.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    enter_tickets_30d: int = 4
    enter_tickets_7d: int = 3
    enter_high_priority_tickets_30d: int = 2
    stay_tickets_30d: int = 2
    stay_high_priority_tickets_30d: int = 1

    # Probability of no order in the next 90 days, of customers who ordered on several days and not too long ago; it
    # lists those who are later than usual, and more likely to be lost than not.
    enter_no_order_probability: float = 0.5
    stay_no_order_probability: float = 0.4
    min_order_days: int = 2
    max_days_since_last_order: int = 180

    # A refund is large above this quantile of a year's refunds, and from the customer's own usual order on; it lists
    # whose revenue of the last 365 days, the refund added, is at least the other quantile of all who have some.
    large_refund_quantile: float = 0.9
    valuable_quantile: float = 0.5

    # Disengaged is who got so many emails in 90 days and reacted to none, though before, or has unsubscribed lately.
    # That lists whom the probability's weaker band would keep, late or not.
    disengaged_emails_90d: int = 5

    min_days_listed: int = 14
    capacity: int | None = None  # calls a day; None calls all who are listed
    holdout_share: float = 0.1  # of listings that are never called, so that calling can be measured

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low = 0 if field.type is float or field.name == "capacity" else 1
            high = 1 if field.type is float else float("inf")
            if value is not None and not low <= value <= high:
                message = f"{field.name} is {value}; it lies within {low} and {high}."
                raise ValueError(message)
        bands = (
            ("stay_tickets_30d", "enter_tickets_30d"),
            ("stay_tickets_30d", "enter_tickets_7d"),
            ("stay_high_priority_tickets_30d", "enter_high_priority_tickets_30d"),
            ("stay_no_order_probability", "enter_no_order_probability"),
        )
        for stay, enter in bands:
            if getattr(self, stay) > getattr(self, enter):
                message = (
                    f"{stay} is {getattr(self, stay)} and above {enter}, {getattr(self, enter)}: nobody could stay."
                )
                raise ValueError(message)


DEFAULT_POLICY = AtRiskPolicy()

"""The company day by day: the same customers seen by the shop, the support desk and the marketing tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import numpy as np

from customer_analytics.demo.customers import population_of_day_one
from customer_analytics.demo.days import Today
from customer_analytics.demo.marketing import MarketingTool
from customer_analytics.demo.records import Fields, MarketingEvent, Order, Source, SupportTicket, as_text
from customer_analytics.demo.shop import Shop
from customer_analytics.demo.support import tickets_of_day

PEOPLE, SHOP, SUPPORT, MARKETING = range(4)


@dataclass(frozen=True)
class SimulatedDay:
    """One day's records as they happened, before any defect is planted."""

    today: Today
    orders: list[Order]
    support_tickets: list[SupportTicket]
    marketing_events: list[MarketingEvent]

    def rows(self, source: Source) -> list[Fields]:
        """The source's records as text, in the order of their times."""
        records: dict[Source, list[Order] | list[SupportTicket] | list[MarketingEvent]] = {
            "orders": self.orders,
            "support_tickets": self.support_tickets,
            "marketing_events": self.marketing_events,
        }
        return [as_text(record) for record in records[source]]


def simulate(first_day: date, seed: int) -> Iterator[SimulatedDay]:
    """Days without end, each a function of the seed, the first day and its index alone. `seed` is not negative."""
    customers = population_of_day_one(_generator(seed, 0, PEOPLE))
    shop, marketing_tool = Shop(), MarketingTool()
    for index in count():
        today = Today(index, first_day + timedelta(days=index))
        if index > 0:
            customers.live_a_day(index, _generator(seed, index, PEOPLE))
        yield SimulatedDay(
            today=today,
            orders=shop.trade(today, customers, _generator(seed, index, SHOP)),
            support_tickets=tickets_of_day(today, customers, _generator(seed, index, SUPPORT)),
            marketing_events=marketing_tool.run(today, customers, _generator(seed, index, MARKETING)),
        )


def _generator(seed: int, index: int, part: int) -> np.random.Generator:
    # One generator per day and part: a change in one source leaves the others' draws as they were.
    return np.random.default_rng((seed, index, part))

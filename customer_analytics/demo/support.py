"""The support desk: now and then a question, and many complaints from the few who are in trouble."""

from datetime import datetime, timedelta

import numpy as np

from customer_analytics.demo.customers import Booleans, Customers, Integers, customer_id
from customer_analytics.demo.days import Today, sorted_times
from customer_analytics.demo.records import SupportTicket, record_id

TICKETS_BY_WEEKDAY = (1.30, 1.20, 1.15, 1.10, 1.10, 0.60, 0.50)
QUESTION_PER_DAY = 0.16
# An answered question keeps an untroubled customer quiet this long: never more than two in 30 days.
QUIET_DAYS = 16
COMPLAINTS_PER_DAY = 0.8

PRIORITIES = ("low", "medium", "high", "urgent")
PRIORITIES_OF_QUESTIONS = (0.52, 0.43, 0.04, 0.01)
PRIORITIES_OF_COMPLAINTS = (0.10, 0.38, 0.34, 0.18)
CATEGORIES_OF_QUESTIONS = ("delivery", "product question", "account", "billing", "returns")
CATEGORIES_OF_COMPLAINTS = ("damaged item", "delivery", "billing", "returns", "complaint")
# Typical hours until an answer, by position in PRIORITIES.
ANSWER_HOURS = np.array((9.0, 6.0, 3.0, 1.5))


def tickets_of_day(today: Today, customers: Customers, rng: np.random.Generator) -> list[SupportTicket]:
    """The day's tickets, in the order of their times; remembers who has asked."""
    factor = TICKETS_BY_WEEKDAY[today.weekday]
    troubled = customers.troubled(today.index)
    may_ask = customers.active & ~troubled & (customers.quiet_until <= today.index)
    asks = may_ask & (rng.random(customers.count) < QUESTION_PER_DAY * factor)
    customers.quiet_until = np.where(asks, today.index + QUIET_DAYS, customers.quiet_until)
    complaints = rng.poisson(COMPLAINTS_PER_DAY * factor * troubled)
    writers = rng.permutation(np.repeat(np.arange(customers.count), asks + complaints))
    return _tickets(today, writers, troubled[writers], rng)


def _tickets(today: Today, writers: Integers, complains: Booleans, rng: np.random.Generator) -> list[SupportTicket]:
    count = len(writers)
    times = sorted_times(rng, count, busiest_hours=(9.5, 14.5), spread_hours=2.5)
    priorities = np.where(
        complains,
        rng.choice(len(PRIORITIES), count, p=PRIORITIES_OF_COMPLAINTS),
        rng.choice(len(PRIORITIES), count, p=PRIORITIES_OF_QUESTIONS),
    )
    categories = np.where(
        complains, rng.choice(CATEGORIES_OF_COMPLAINTS, count), rng.choice(CATEGORIES_OF_QUESTIONS, count)
    )
    hours = ANSWER_HOURS[priorities] * rng.lognormal(0.0, 0.7, count) * np.where(complains, 1.8, 1.0)
    return [
        SupportTicket(
            ticket_id=record_id("support_tickets", today.date, position + 1),
            customer_id=customer_id(int(writers[position])),
            created_date=today.at(times[position]),
            category=str(categories[position]),
            priority=PRIORITIES[priorities[position]],
            resolved_date=_answered(today, today.at(times[position]), hours[position]),
        )
        for position in range(count)
    ]


def _answered(today: Today, created: datetime, hours: float) -> datetime | None:
    answered = created + timedelta(seconds=int(hours * 3600))
    # The desk exports at midnight: what is answered later is still open in this delivery.
    return answered if answered.date() == today.date else None

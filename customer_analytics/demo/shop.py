"""The shop: orders, cancellations and, days later, refunds."""

from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from customer_analytics.demo.customers import Customers, Floats, Integers, customer_id
from customer_analytics.demo.days import Today, sorted_times
from customer_analytics.demo.records import Order, record_id

PURCHASES_BY_WEEKDAY = (0.94, 0.90, 0.92, 0.96, 1.04, 1.20, 1.26)
STATUSES = ("pending", "paid", "shipped", "delivered", "completed", "cancelled")
STATUS_SHARES = (0.06, 0.21, 0.22, 0.18, 0.29, 0.04)
REFUNDED_SHARE = 0.055
REFUND_DELAY_DAYS = (2, 15)
SECOND_PURCHASE_SHARE = 0.04  # of those who order on a day, how many order twice

# On this day of the cycle the shop's checkout fails for hours: a drop that a volume check must notice.
OUTAGE_OFFSET = 74
PURCHASES_IN_OUTAGE = 0.24


@dataclass(frozen=True)
class Booking:
    """What the shop books for a customer, before it has a time and an id."""

    customer: int
    cents: int
    status: str


@dataclass
class Shop:
    """Sells, and remembers which refunds are due on which day index."""

    refunds_due: dict[int, list[Booking]] = field(default_factory=dict)

    def trade(self, today: Today, customers: Customers, rng: np.random.Generator) -> list[Order]:
        """The day's orders and refunds, in the order of their times."""
        buys = rng.random(customers.count) < chance_of_purchase(today, customers)
        buys_again = buys & (rng.random(customers.count) < SECOND_PURCHASE_SHARE)
        buyers = np.repeat(np.arange(customers.count), buys.astype(int) + buys_again)
        sales = _sell(buyers, customers, rng)
        bookings = sales + self.refunds_due.pop(today.index, [])
        self._agree_refunds(sales, today.index, rng)
        times = sorted_times(rng, len(bookings), busiest_hours=(11.5, 19.0), spread_hours=2.2)
        return [
            _order(today, number, seconds, bookings[position])
            for number, (seconds, position) in enumerate(zip(times, rng.permutation(len(bookings)), strict=True), 1)
        ]

    def _agree_refunds(self, sales: list[Booking], index: int, rng: np.random.Generator) -> None:
        for sale in sales:
            if sale.status == "cancelled" or rng.random() >= REFUNDED_SHARE:
                continue
            returned = 1.0 if rng.random() < 0.8 else rng.uniform(0.3, 0.9)
            due = index + int(rng.integers(*REFUND_DELAY_DAYS))
            refund = Booking(sale.customer, -max(1, round(sale.cents * returned)), "refunded")
            self.refunds_due.setdefault(due, []).append(refund)


def chance_of_purchase(today: Today, customers: Customers) -> Floats:
    """Each customer's probability of ordering on the day."""
    rate = customers.purchases_per_day * np.where(customers.troubled(today.index), 0.6, 1.0)
    # Most people join in order to buy something.
    rate = np.where((customers.joined == today.index) & (rate > 0), np.maximum(rate, 1.1), rate)
    outage = PURCHASES_IN_OUTAGE if today.offset == OUTAGE_OFFSET else 1.0
    chance: Floats = -np.expm1(-rate * customers.active * PURCHASES_BY_WEEKDAY[today.weekday] * outage)
    return chance


def _sell(buyers: Integers, customers: Customers, rng: np.random.Generator) -> list[Booking]:
    amounts = customers.typical_amount[buyers] * rng.lognormal(0.0, 0.35, len(buyers))
    statuses = rng.choice(len(STATUSES), size=len(buyers), p=STATUS_SHARES)
    return [
        Booking(int(buyer), max(100, round(amount * 100)), STATUSES[status])
        for buyer, amount, status in zip(buyers, amounts, statuses, strict=True)
    ]


def _order(today: Today, number: int, seconds: float, booking: Booking) -> Order:
    return Order(
        order_id=record_id("orders", today.date, number),
        customer_id=customer_id(booking.customer),
        order_date=today.at(seconds),
        total_amount=Decimal(booking.cents).scaleb(-2),
        status=booking.status,
    )

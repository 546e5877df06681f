"""The people behind the data: who has joined, how they buy, who is in trouble, who has left."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

CUSTOMERS_ON_DAY_ONE = 450
JOINS_PER_DAY = 5.0
NEVER = -1

# Trouble: a run of days with many tickets. It starts rarely, lasts two to three weeks and often ends with a departure.
TROUBLE_PER_DAY = 0.0012
TROUBLE_DAYS = (10, 22)
TROUBLED_ON_DAY_ONE = 0.025
DEPARTURE_AFTER_TROUBLE = 0.55
DEPARTURE_FACTOR_IN_TROUBLE = 4.0


@dataclass
class Customers:
    """Everyone who has joined so far, one array per trait; position 0 is the first customer."""

    joined: Integers  # day index; NEVER for those who were there before the first day
    purchases_per_day: Floats
    typical_amount: Floats  # currency units per order
    departure_per_day: Floats  # probability
    opens_mail: Floats  # probability per mail
    active: Booleans
    subscribed: Booleans
    trouble_until: Integers  # day index on which the trouble ends
    quiet_until: Integers  # day index before which an untroubled customer does not write again

    @property
    def count(self) -> int:
        """How many have joined, those who left included."""
        return len(self.joined)

    def troubled(self, index: int) -> Booleans:
        """Who is in trouble on the day."""
        return self.active & (self.trouble_until > index)

    def live_a_day(self, index: int, rng: np.random.Generator) -> None:
        """Let people leave, get into trouble and join, before the day's business begins."""
        self._leave(index, rng)
        self._get_into_trouble(index, rng)
        self._append(drawn(rng, int(rng.poisson(JOINS_PER_DAY)), joined=index))

    def _leave(self, index: int, rng: np.random.Generator) -> None:
        chance = self.departure_per_day * np.where(self.troubled(index), DEPARTURE_FACTOR_IN_TROUBLE, 1.0)
        chance = np.where(self.trouble_until == index, DEPARTURE_AFTER_TROUBLE, chance)
        self.active &= rng.random(self.count) >= chance

    def _get_into_trouble(self, index: int, rng: np.random.Generator) -> None:
        starts = self.active & (self.trouble_until <= index) & (rng.random(self.count) < TROUBLE_PER_DAY)
        ends = index + rng.integers(*TROUBLE_DAYS, size=self.count)
        self.trouble_until = np.where(starts, ends, self.trouble_until)

    def _append(self, newcomers: "Customers") -> None:
        for trait in fields(self):
            setattr(self, trait.name, np.concatenate([getattr(self, trait.name), getattr(newcomers, trait.name)]))


def drawn(rng: np.random.Generator, count: int, joined: int) -> Customers:
    """New customers with traits of their own: gamma purchase rates, log-normal spending, a few who only look."""
    buys = rng.random(count) >= 0.03
    return Customers(
        joined=np.full(count, joined, dtype=np.int64),
        purchases_per_day=rng.gamma(1.7, 0.114, count) * buys,
        typical_amount=rng.lognormal(3.7, 0.55, count),
        departure_per_day=rng.gamma(1.5, 0.0013, count),
        opens_mail=rng.beta(2.0, 2.6, count),
        active=np.ones(count, dtype=np.bool_),
        subscribed=rng.random(count) < 0.88,
        trouble_until=np.full(count, NEVER, dtype=np.int64),
        quiet_until=np.full(count, NEVER, dtype=np.int64),
    )


def population_of_day_one(rng: np.random.Generator) -> Customers:
    """Those who were customers before the first day, some of them already in trouble."""
    people = drawn(rng, CUSTOMERS_ON_DAY_ONE, joined=NEVER)
    troubled = rng.random(people.count) < TROUBLED_ON_DAY_ONE
    people.trouble_until = np.where(troubled, rng.integers(1, TROUBLE_DAYS[1], people.count), NEVER)
    # Their last question was asked at some point in the past, not by everyone on the day before the demo begins.
    people.quiet_until = rng.integers(-8, 16, people.count)
    return people


def customer_id(position: int) -> str:
    """The id under which all three sources know the customer."""
    return f"C-{position + 1:05d}"

"""What a model of purchase counts must be able to say."""

from dataclasses import dataclass
from typing import Protocol

from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray


@dataclass(frozen=True)
class Parameter:
    """A parameter of a model: a number above ``lowest``, and what it typically is, in days where it is a time."""

    name: str
    typical: float
    lowest: float = 0.0


class OrderModel(Protocol):
    """A model of when customers order and when they stop; ``values`` are those of its parameters, in their order.

    Orders are purchase occasions. "If alive" means: of customers with this frequency and age, if they have not stopped;
    given that, none of the models cares for recency.
    """

    @property
    def name(self) -> str:
        """The model's name in tables and labels."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What is to be estimated."""

    def log_likelihood(self, values: FloatArray, cohort: Cohort) -> tuple[float, FloatArray]:
        """The log-likelihood of all customers, and its derivatives by the parameters."""

    def probability_alive(self, values: FloatArray, cohort: Cohort) -> FloatArray:
        """The probability of each group's customers that they have not stopped. Not a score: see ``forecast.py``."""

    def orders_if_alive(self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float) -> FloatArray:
        """Expected number of orders in the next ``time``."""

    def reached_if_alive(
        self, values: FloatArray, frequency: FloatArray, age: FloatArray, time: float, orders: FloatArray
    ) -> FloatArray:
        """The probability of at least ``orders`` orders (whole numbers from 1) in the next ``time``."""

"""What a case is: a fault, the place where it happens, and the outcome that is declared for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from customer_analytics_tests.faults.desk import Desk

# told_once: told at once, and never again.   told_later: told once, when the fault is over.
# told_again: told twice, as nobody knows whether it arrived.   not_told: there is nothing to be told.
# delivered_later, given_up, refused: the same of calls to systems downstream; refused ones are told of.
# blind: told that it cannot be looked at, and everything else; over when the fault is over.
# refused_with_words: an error that says what is wrong, and nothing is done.
# waits: nothing is asked for now, and all of it later.   asks_anyway: a run is asked for; it will say what is wrong.
# goes_on: as if nothing had been.   loses_nothing: a look fails, and the next one tells all of it once.
Outcome = Literal[
    "told_once",
    "told_later",
    "told_again",
    "not_told",
    "delivered_later",
    "given_up",
    "refused",
    "blind",
    "refused_with_words",
    "waits",
    "asks_anyway",
    "goes_on",
    "loses_nothing",
]


@dataclass(frozen=True)
class Case:
    """``happens`` injects the fault at a desk, and asserts that the outcome is the declared one."""

    place: str
    fault: str
    outcome: Outcome
    happens: Callable[[Desk, Outcome], None]

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}: {self.outcome}"

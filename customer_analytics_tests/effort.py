"""How much work the generated tests do: some in the quick suite, far more in the long one (``pytest -m long``)."""

import os

from hypothesis import HealthCheck, settings

QUICK_FILES = 160
LONG_FILES = int(os.environ.get("LONG_FILES", "100000"))
QUICK_RECORDS, LONG_RECORDS = 20_000, 1_000_000
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))

# Hypothesis remembers every example of a run; parts keep its memory small.
LONG_PARTS = 20

_EXAMPLES = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def quick(examples: int) -> settings:
    """The same examples every time."""
    return settings(_EXAMPLES, max_examples=examples, derandomize=True)


def long(examples: int) -> settings:
    """Other examples every time; one that fails is printed in a form that can be run again."""
    return settings(_EXAMPLES, max_examples=examples, print_blob=True)

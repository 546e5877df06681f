"""Contracts drawn at random: every type, every check, every kind of value that a contract may name."""

import datetime
from collections.abc import Callable
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from customer_analytics.contracts.contract import Contract
from customer_analytics_tests.contracts.models import PromisedColumn, amount, promise, text, time, truth, whole

Arguments = st.SearchStrategy[dict[str, Any]]

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
WHOLES = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.decimals(-9, 9, allow_nan=False)
NUMBERS = WHOLES | DECIMALS | st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(fold=0)
)
PATTERNS = st.sampled_from(["a|b", "^(?:a|b)$", "^(?:a)|(?:b)", r"\d{2,}[\"']", "(?i)x", "^(?:a)", "", "a\nb", "# ü"])
LENGTHS = st.sampled_from(
    [
        {"min_value": 1, "max_value": 200},
        {"min_value": 2, "max_value": 2},
        {"min_value": 1},
        {"max_value": 9},
        {"exact_value": 3},
    ]
)


def comparing(values: st.SearchStrategy[Any]) -> Arguments:
    """Arguments that a field of any type takes."""
    several = st.lists(values, min_size=1, max_size=4)
    allowed = several | several.map(lambda listed: {"allowed_values": tuple(listed)})
    forbidden = several | several.map(lambda listed: {"forbidden_values": tuple(listed)})
    bounds = dict.fromkeys(("eq", "ne", "gt", "ge", "lt", "le"), values)
    return st.fixed_dictionaries(
        {}, optional=bounds | {"in_range": ranges(values), "isin": allowed, "notin": forbidden}
    )


@st.composite
def ranges(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(values, values).filter(lambda pair: pair[0] != pair[1])))
    return {
        "min_value": low,
        "max_value": high,
        "include_min": draw(st.booleans()),
        "include_max": draw(st.booleans()),
    }


ABOUT = st.fixed_dictionaries({"nullable": st.booleans(), "description": WORDS})
TIMES = (
    comparing(MOMENTS.map(lambda moment: pd.Timestamp(moment, tz="UTC")))
    | comparing(MOMENTS.map(pd.Timestamp))
    | comparing(MOMENTS)
    | comparing(MOMENTS.map(lambda moment: moment.replace(tzinfo=datetime.UTC)))
    | comparing(st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1)))
)
TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "str_contains": PATTERNS,
        "str_matches": PATTERNS,
        "str_startswith": WORDS,
        "str_endswith": WORDS,
        "str_length": LENGTHS,
        "visible_characters": st.booleans().map(lambda visible: {"visible": visible}),
    },
)
RULES: dict[str, dict[str, Any]] = {
    "negative_only_where": {"column": "price", "status": "label", "allowed": ["a", "b"]},
    "not_before": {"column": "moment", "earlier": "made_at"},
}


def column(make: Callable[..., PromisedColumn], *arguments: Arguments) -> st.SearchStrategy[PromisedColumn]:
    return st.tuples(*arguments, ABOUT).map(lambda parts: make(**{k: v for part in parts for k, v in part.items()}))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    precision = draw(st.integers(1, 38))
    columns = {
        "label": draw(column(text, comparing(WORDS), TEXTS)),
        "count": draw(column(whole, comparing(WHOLES))),
        "price": draw(column(amount, comparing(NUMBERS))),
        "moment": draw(column(time, TIMES)),
        "is_new": draw(column(truth, comparing(st.booleans()))),
        "size": amount(precision, draw(st.integers(0, precision))),
    }
    version = ".".join(str(draw(st.integers(0, 20))) for _ in range(3))
    rules = draw(st.sampled_from([{}, RULES, dict(reversed(RULES.items()))]))
    return promise(columns, version=version, rules=rules)

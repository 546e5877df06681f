"""One origin judged: every measure of every candidate, over all customers and over those who had just ordered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from customer_analytics.metrics.backtest.bootstrap import Figure, Resampling, figure, resample, rounded
from customer_analytics.metrics.backtest.measures import (
    Measure,
    area_under_roc,
    bias,
    brier_score,
    expected_calibration_error,
    mean_absolute_error,
    normalised_gini,
    root_mean_squared_error,
    share_that_differs,
    top_decile_lift,
)
from customer_analytics.metrics.backtest.outcomes import BoolArray, Outcomes
from customer_analytics.metrics.backtest.scores import Scores
from customer_analytics.metrics.value_models.cohort import FloatArray

Segment = Literal["all", "recently_active"]

# Of customers who ordered lately so many, those with the highest scores, are decided to be at high risk.
HIGH_RISK_SHARE = 0.2

_OF_SPEND: Mapping[str, Measure] = {
    "mae": mean_absolute_error,
    "rmse": root_mean_squared_error,
    "bias": bias,
    "gini": normalised_gini,
    "top_decile_lift": top_decile_lift,
}
_OF_RANKING: Mapping[str, Measure] = {"auc": area_under_roc}
_OF_PROBABILITY = {**_OF_RANKING, "brier": brier_score, "ece": expected_calibration_error}


@dataclass(frozen=True)
class Judgement:
    """A measure of one candidate, by ``customers`` customers; ``draws`` is None for sums, which are not resampled."""

    model: str
    segment: Segment
    measure: str
    customers: int
    value: float
    low: float | None = None
    high: float | None = None
    draws: FloatArray | None = None


@dataclass(frozen=True)
class ScoredOrigin:
    """What came of an origin, and what every candidate had said, by name.

    Raises:
        ValueError: a candidate has not one score for each customer.
    """

    outcomes: Outcomes
    scores: Mapping[str, Scores]

    def __post_init__(self) -> None:
        customers = len(self.outcomes.key)
        for model, scores in self.scores.items():
            for column in (scores.spend, scores.no_order):
                if column is not None and len(column) != customers:
                    msg = (
                        f"{model} has scores for {len(column)} customers as of {self.outcomes.origin}, "
                        f"and {customers} had ordered by then; one score each is needed, in the order of customer_id"
                    )
                    raise ValueError(msg)


def judge(origin: ScoredOrigin, previous: ScoredOrigin | None) -> list[Judgement]:
    """Everything that can be said of the candidates at ``origin``; for the flip rate, together with ``previous``.

    ``previous`` is the month end before, for the same horizon; None where there is no such origin.
    """
    found: list[Judgement] = []
    everyone = np.ones(len(origin.outcomes.key), dtype=np.bool_)
    segments: tuple[tuple[Segment, BoolArray], ...] = (
        ("all", everyone),
        ("recently_active", origin.outcomes.recently_active),
    )
    for segment, members in segments:
        resampling = resample(origin.outcomes.key[members])
        for model in sorted(origin.scores):
            found += _judge_segment(model, segment, origin, members, resampling)
    return [*found, *(_judge_flips(origin, previous) if previous else ())]


def _judge_segment(
    model: str, segment: Segment, origin: ScoredOrigin, members: BoolArray, resampling: Resampling
) -> Iterator[Judgement]:
    scores, customers = origin.scores[model], int(members.sum())
    spend, no_order = origin.outcomes.spend[members], origin.outcomes.no_order[members].astype(np.float64)
    asked: list[tuple[Mapping[str, Measure], FloatArray, FloatArray]] = []
    if scores.spend is not None:
        asked.append((_OF_SPEND, spend, scores.spend))
    if scores.no_order is not None:
        asked.append((_OF_PROBABILITY if scores.is_probability else _OF_RANKING, no_order, scores.no_order))
    for measures, actual, predicted in asked:
        for measure, function in measures.items():
            found = figure(function, actual, predicted[members], resampling)
            yield from _judgement(model, segment, measure, customers, found)
    if scores.spend is not None:
        yield Judgement(model, segment, "total_predicted", customers, rounded(np.sum(scores.spend[members])))
        yield Judgement(model, segment, "total_actual", customers, rounded(np.sum(spend)))


def _judgement(model: str, segment: Segment, measure: str, customers: int, found: Figure | None) -> Iterator[Judgement]:
    if found is not None:
        low, high = found.interval or (None, None)
        yield Judgement(model, segment, measure, customers, found.value, low, high, found.draws)


def _judge_flips(origin: ScoredOrigin, previous: ScoredOrigin) -> Iterator[Judgement]:
    """The share of customers whose high-risk decision changed from one month end to the next without an order.

    Decided is over those who were recently active at the first of the two, at both on the same people: at high risk are
    the ``HIGH_RISK_SHARE`` of them with the highest scores, and who scores as high, so that rankings can be compared
    with probabilities. Counted are those of them who did not order in between. Silence is news too, and moves some to
    high risk rightly: so the rate compares candidates, and need not be 0 for a good one.
    """
    cohort = np.flatnonzero(previous.outcomes.recently_active)
    keys, at_first, at_second = np.intersect1d(
        previous.outcomes.key[cohort], origin.outcomes.key, assume_unique=True, return_indices=True
    )
    days = (origin.outcomes.origin - previous.outcomes.origin).days
    silent = origin.outcomes.days_since_last_order[at_second] >= days
    resampling = resample(keys[silent])
    for model in sorted(origin.scores.keys() & previous.scores.keys()):
        was, now = previous.scores[model].no_order, origin.scores[model].no_order
        if was is not None and now is not None and len(keys):
            first, second = _high_risk(was[cohort[at_first]]), _high_risk(now[at_second])
            found = figure(share_that_differs, first[silent], second[silent], resampling)
            yield from _judgement(model, "recently_active", "flip_rate", int(silent.sum()), found)


def _high_risk(risk: FloatArray) -> FloatArray:
    highest: npt.NDArray[np.bool_] = risk >= np.quantile(risk, 1 - HIGH_RISK_SHARE)
    return highest.astype(np.float64)

"""What a candidate says of every customer, in the shape in which all candidates are judged."""

from dataclasses import dataclass

from customer_analytics.metrics.value_models.cohort import FloatArray


@dataclass(frozen=True)
class Scores:
    """A candidate's forecasts for the days after an origin; arrays in the order of customer_id, one entry a customer.

    The customers are all who had ordered by the end of the origin. ``spend`` is expected in currency units.
    ``no_order`` rises with the risk that there will be no order; only where ``is_probability`` is it the probability of
    that, from 0 to 1, else a ranking in any unit. None: the candidate does not say.

    Raises:
        ValueError: the arrays differ in length, something is not finite, or a probability is not within 0 and 1.
    """

    spend: FloatArray | None
    no_order: FloatArray | None
    is_probability: bool

    def __post_init__(self) -> None:
        columns = [column for column in (self.spend, self.no_order) if column is not None]
        if len({column.shape for column in columns}) > 1:
            msg = f"scores are columns of one length, not {[column.shape for column in columns]}"
            raise ValueError(msg)
        if not all(bool((abs(column) < float("inf")).all()) for column in columns):
            msg = "scores are finite numbers; say None where a candidate has no forecast"
            raise ValueError(msg)
        probability = self.no_order if self.is_probability else None
        if probability is not None and not ((probability >= 0) & (probability <= 1)).all():
            msg = "a probability lies between 0 and 1; a score that does not is a ranking (is_probability=False)"
            raise ValueError(msg)

"""Fitting a model to customers, and a label that says how much of the result the data said."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from customer_analytics.metrics.value_models.beta_geometric import BG_NBD, MBG_NBD
from customer_analytics.metrics.value_models.cohort import Cohort, FloatArray, Spending
from customer_analytics.metrics.value_models.gamma_gamma import (
    NAME,
    gamma_gamma_log_likelihood,
    gamma_gamma_parameters,
)
from customer_analytics.metrics.value_models.model import OrderModel, Parameter
from customer_analytics.metrics.value_models.pareto_nbd import PARETO_NBD
from customer_analytics.metrics.value_models.posterior import LogLikelihood, Maximum, Posterior, Prior
from customer_analytics.metrics.value_models.rounding import significant
from customer_analytics.metrics.value_models.threads import one_thread

Label = Literal["ok", "prior-dominated", "fallback"]

ORDER_MODELS: dict[str, OrderModel] = {model.name: model for model in (BG_NBD, MBG_NBD, PARETO_NBD)}

WEAK_PRIOR = Prior()

# Data must know every combination of the parameters with so many times the precision of the prior.
PRECISION_OF_DATA = 4.0


@dataclass(frozen=True)
class Fit:
    """The parameters that were found, in the order of ``names``; ``log_likelihood`` is without the prior.

    The label is ``ok``; or ``prior-dominated``: there is a combination of parameters of which the data know not much
    more than the prior, or the search found no end to it; or ``fallback``: there was nothing to fit, or it failed, and
    the parameters are typical ones. ``evaluations`` counts those of the likelihood.
    Parameters are rounded to six significant digits, and so are the same wherever the search for them began.
    """

    model: str
    names: tuple[str, ...]
    parameters: tuple[float, ...]
    log_likelihood: float
    label: Label
    customers: int
    evaluations: int

    @property
    def values(self) -> FloatArray:
        """The parameters as an array."""
        return np.array(self.parameters)


def fit_orders(model: OrderModel, cohort: Cohort, prior: Prior = WEAK_PRIOR, earlier: Fit | None = None) -> Fit:
    """Fit a model of purchase counts; with an ``earlier`` fit of the model from there, which is faster.

    Raises:
        ValueError: the earlier fit is of another model.
    """

    def log_likelihood(values: FloatArray) -> tuple[float, FloatArray]:
        return _sum(model.log_likelihood(values, block) for block in cohort.blocks)

    # Of customers who came today nothing is known but that they came.
    is_informative = bool(np.any(cohort.customers * cohort.age > 0))
    what = (model.name, model.parameters, round(cohort.size))
    return _fit(what, log_likelihood if is_informative else None, prior, earlier)


def fit_spending(spending: Spending, prior: Prior = WEAK_PRIOR, earlier: Fit | None = None) -> Fit:
    """Fit the Gamma-Gamma model of what an order is worth; with an ``earlier`` fit, from there.

    Raises:
        ValueError: the earlier fit is of another model.
    """

    def log_likelihood(values: FloatArray) -> tuple[float, FloatArray]:
        return gamma_gamma_log_likelihood(values, spending)

    what = (NAME, gamma_gamma_parameters(spending), round(spending.size))
    return _fit(what, log_likelihood if spending.size else None, prior, earlier)


def _fit(
    what: tuple[str, tuple[Parameter, ...], int],
    log_likelihood: LogLikelihood | None,
    prior: Prior,
    earlier: Fit | None,
) -> Fit:
    name, parameters, customers = what
    if earlier and earlier.model != name:
        msg = f"a fit of {name} cannot start from one of {earlier.model}"
        raise ValueError(msg)
    names = tuple(parameter.name for parameter in parameters)
    typical = tuple(parameter.typical for parameter in parameters)
    fallback = Fit(name, names, typical, 0.0, "fallback", customers, 0)
    if log_likelihood is None:
        return fallback
    with one_thread():
        return _search(Posterior(log_likelihood, parameters, prior), fallback, earlier)


def _search(posterior: Posterior, fallback: Fit, earlier: Fit | None) -> Fit:
    maximum = posterior.maximum(fallback.customers, earlier.parameters if earlier else None)
    values = significant(posterior.lowest + np.exp(maximum.point))
    value = posterior.log_likelihood(np.log(values - posterior.lowest))[0]
    if not (np.isfinite(value) and np.all(np.isfinite(maximum.known))):
        return replace(fallback, evaluations=posterior.evaluations)
    return replace(
        fallback,
        parameters=tuple(values.tolist()),
        log_likelihood=value,
        label="ok" if maximum.is_settled and _is_known(posterior, maximum, values) else "prior-dominated",
        evaluations=posterior.evaluations,
    )


def _is_known(posterior: Posterior, maximum: Maximum, values: FloatArray) -> bool:
    """Whether the data know every combination of the parameters well; how the search came there has no say."""
    needed = PRECISION_OF_DATA * WEAK_PRIOR.precision
    least = float(np.linalg.eigvalsh(maximum.known)[0])
    if needed / 2 < least < 2 * needed:
        least = float(np.linalg.eigvalsh(posterior.known_at(values))[0])
    return least > needed


def _sum(parts: Iterable[tuple[float, FloatArray]]) -> tuple[float, FloatArray]:
    values, gradients = zip(*parts, strict=True)
    return float(sum(values)), np.sum(gradients, axis=0)

"""Finding the most likely parameters: the log-likelihood plus a weak prior, searched over logarithms of parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from customer_analytics.metrics.value_models.cohort import FloatArray
from customer_analytics.metrics.value_models.model import Parameter

# So far from what is typical a parameter may be, as a logarithm: a factor of 3,000.
FARTHEST = 8.0
HESSIAN_STEP = 1e-4
NEWTON_STEPS = 20
# Newton's method takes second derivatives anew when a step leaves more than this share of what was to gain.
SLOW = 0.05
# A point is the maximum if another step would gain less log-likelihood: parameters are within 1/5,000 of their
# standard errors.
NEGLIGIBLE_GAIN = 2e-8
# From there a few steps more make the maximum the same to nine digits, wherever the search came from.
POLISHED = 1e-9
POLISHING_STEPS = 8

LogLikelihood = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True)
class Prior:
    """The logarithm of every parameter is normal around its typical value, with this standard deviation.

    With 2, a parameter is within a factor of 50 of what is typical in 95 of 100 cases. It keeps fits of few customers
    from running off to infinity and moves others by less than their standard error; infinite means maximum likelihood.
    """

    deviation: float = 2.0

    @property
    def precision(self) -> float:
        """One over the variance."""
        return self.deviation**-2


@dataclass(frozen=True)
class Maximum:
    """Where the posterior is highest, as logarithms, and minus the log-likelihood's second derivatives about there.

    These say what the data know: their inverse is the parameters' covariance, but for the prior. ``is_settled`` is
    false where the search ended at a bound or on the way.
    """

    point: FloatArray
    known: FloatArray
    is_settled: bool


class Posterior:
    """A log-likelihood and a prior, as functions of the logarithms of the parameters above their lowest values."""

    def __init__(self, log_likelihood: LogLikelihood, parameters: Sequence[Parameter], prior: Prior) -> None:
        self._log_likelihood, self._precision = log_likelihood, prior.precision
        self.lowest = np.array([parameter.lowest for parameter in parameters])
        self.typical = np.log([parameter.typical - parameter.lowest for parameter in parameters])
        self.evaluations = 0

    def maximum(self, scale: float, start: Sequence[float] | None = None) -> Maximum:
        """Search from the parameters ``start``, or from typical ones.

        From the fit of an earlier day Newton's method alone arrives; where it does not, the start is forgotten.
        ``scale`` is the number of customers.
        """
        if start is not None:
            above = np.log(np.maximum(np.array(start) - self.lowest, np.finfo(float).tiny))
            found = self._newton(np.clip(above, self.typical - FARTHEST, self.typical + FARTHEST))
            if found:
                return found

        def downhill(at: FloatArray) -> tuple[float, FloatArray]:
            value, gradient = self._with_prior(at)
            return -value / scale, -gradient / scale

        from scipy.optimize import minimize  # noqa: PLC0415 - most days learn nothing anew

        searched = minimize(
            downhill,
            self.typical,
            jac=True,
            method="L-BFGS-B",
            bounds=[(centre - FARTHEST, centre + FARTHEST) for centre in self.typical],
            options={"ftol": 1e-10, "gtol": 1e-7},
        )
        point = np.asarray(searched.x)
        return self._newton(point) or Maximum(point, self._precision_of_data(point), is_settled=False)

    def known_at(self, parameters: FloatArray) -> FloatArray:
        """Minus the second derivatives of the log-likelihood by the logarithms of the parameters."""
        return self._precision_of_data(np.log(parameters - self.lowest))

    def log_likelihood(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Without the prior, and its derivatives."""
        self.evaluations += 1
        above = np.exp(point)
        value, gradient = self._log_likelihood(self.lowest + above)
        return value, gradient * above

    def _with_prior(self, point: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = self.log_likelihood(point)
        off = point - self.typical
        return value - self._precision * float(off @ off) / 2, gradient - self._precision * off

    def _precision_of_data(self, point: FloatArray) -> FloatArray:
        steps = HESSIAN_STEP * np.eye(len(point))
        rows = [self.log_likelihood(point - step)[1] - self.log_likelihood(point + step)[1] for step in steps]
        matrix = np.array(rows) / (2 * HESSIAN_STEP)
        return (matrix + matrix.T) / 2

    def _newton(self, point: FloatArray) -> Maximum | None:
        """Newton's method, with second derivatives as old as they serve; None where it does not arrive."""
        known = self._precision_of_data(point)
        gain, least = np.inf, -np.inf
        for _ in range(NEWTON_STEPS):
            value, gradient = self._with_prior(point)
            if not value > least - NEGLIGIBLE_GAIN * max(abs(value), 1):
                return None
            step = self._step(known, gradient)
            if gradient @ step > SLOW * gain:
                known = self._precision_of_data(point)
                step = self._step(known, gradient)
            if not np.all(np.isfinite(step)):
                return None
            gain, least = float(gradient @ step), value
            if gain < 2 * NEGLIGIBLE_GAIN:
                return Maximum(self._polished(point, known), known, is_settled=True)
            point = point + step / max(1.0, float(np.max(np.abs(step))))
            if not self._is_inside(point):
                return None
        return None

    def _polished(self, point: FloatArray, known: FloatArray) -> FloatArray:
        """The same maximum, closer: as close as rounding lets it be found."""
        before = np.inf
        for _ in range(POLISHING_STEPS):
            step = self._step(known, self._with_prior(point)[1])
            size = float(np.max(np.abs(step)))
            if not size < before:
                break
            point, before = point + step, size
            if size < POLISHED:
                break
        return point

    def _step(self, known: FloatArray, gradient: FloatArray) -> FloatArray:
        """Newton's step; not a number where there is no maximum to step to."""
        curvature = known + self._precision * np.eye(len(gradient))
        if not np.all(np.isfinite(curvature)) or np.linalg.eigvalsh(curvature)[0] <= 0:
            return np.full(len(gradient), np.nan)
        return np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)

    def _is_inside(self, point: FloatArray) -> bool:
        return bool(np.all(np.abs(point - self.typical) < FARTHEST))

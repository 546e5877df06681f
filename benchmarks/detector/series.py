"""Seeded daily counts as sources deliver them: weekday profile, trend, seasons, noise, holidays, days without files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

FIRST_DAY = date(2025, 1, 6)  # a Monday
WARM_UP_DAYS = 12 * 7
JUDGED_DAYS = 26 * 7
DAYS = WARM_UP_DAYS + JUDGED_DAYS

# Coefficients of variation from day to day; what chance adds to a count comes on top.
USUAL_NOISE = (0.03, 0.04, 0.05, 0.06, 0.07)
SERIES_BY_NOISE = 60
USUAL_VOLUMES = (2_000, 300_000)

# Beyond what the goals are set for.
HIGH_NOISE = (0.08, 0.10, 0.15)
SMALL_VOLUMES = (30, 2_000)

_WEEKDAY_PROFILES = {
    "shop": (0.94, 0.90, 0.92, 0.96, 1.04, 1.20, 1.26),
    "office": (1.12, 1.08, 1.05, 1.02, 0.93, 0.42, 0.38),
    "no delivery on Sundays": (1.10, 1.05, 1.00, 1.00, 1.10, 0.70, 0.0),
    "almost even": (1.02, 1.01, 1.00, 1.00, 0.99, 0.98, 1.00),
}


Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One source's counts by day; days without a delivery are not among them.

    ``noise`` is the coefficient of variation it was drawn with, ``holidays`` are days that were made odd.
    """

    noise: float
    counts: dict[date, int]
    holidays: frozenset[date]

    @property
    def judged_days(self) -> list[date]:
        """The days after the warm-up that have a count and are no holidays."""
        first = FIRST_DAY + timedelta(days=WARM_UP_DAYS)
        return [day for day in self.counts if day >= first and day not in self.holidays]


def usual_series(seed: int) -> list[Series]:
    """300 series, 60 of each noise level, with 2,000 to 300,000 records a day: what the goals are set for."""
    return list(_draw(seed, USUAL_NOISE, USUAL_VOLUMES))


def noisy_series(seed: int) -> list[Series]:
    """180 series of the same volumes, 60 of each noise level, that scatter more."""
    return list(_draw(seed, HIGH_NOISE, USUAL_VOLUMES))


def small_series(seed: int) -> list[Series]:
    """300 series of the usual noise with 30 to 2,000 records a day, of which chance alone scatters 2 to 18 %."""
    return list(_draw(seed, USUAL_NOISE, SMALL_VOLUMES))


def _draw(seed: int, noise_levels: tuple[float, ...], volumes: tuple[int, int]) -> Iterator[Series]:
    for level, noise in enumerate(noise_levels):
        for number in range(SERIES_BY_NOISE):
            rng = np.random.default_rng((seed, volumes[0], round(noise * 1000), level, number))
            yield _series(rng, noise, volumes)


def _series(rng: np.random.Generator, noise: float, volumes: tuple[int, int]) -> Series:
    days = np.arange(DAYS)
    profile = np.array(list(_WEEKDAY_PROFILES.values())[rng.integers(len(_WEEKDAY_PROFILES))])
    volume = np.exp(rng.uniform(*np.log(volumes)))
    trend = np.exp(np.log1p(rng.uniform(-0.015, 0.015)) * days / 7)
    season = np.exp(rng.uniform(0, 0.15) * np.sin(2 * np.pi * (days / 365 + rng.random())))
    own_profile = profile * rng.lognormal(0, 0.08, 7)
    usual = volume * own_profile[days % 7] * trend * season
    holidays = rng.choice(DAYS, size=int(rng.integers(3, 9)), replace=False)
    # Most holidays have a fraction of the usual records; some days, a campaign's, have more; some are not delivered.
    usual[holidays] *= rng.choice(
        [rng.uniform(0.05, 0.6), rng.uniform(1.4, 2.5), 0.0], size=len(holidays), p=[0.6, 0.2, 0.2]
    )
    counts = _counts(rng, usual, noise)
    delivered = usual > 0
    dates = [FIRST_DAY + timedelta(days=int(day)) for day in days]
    return Series(
        noise,
        {day: int(count) for day, count, there in zip(dates, counts, delivered, strict=True) if there},
        frozenset(dates[day] for day in holidays),
    )


def _counts(rng: np.random.Generator, usual: Floats, noise: float) -> npt.NDArray[np.int64]:
    """Counts around the usual ones: half of the series negative binomial, half lognormal and then Poisson."""
    if rng.random() < 0.5:
        shape = 1 / noise**2
        return rng.poisson(usual * rng.gamma(shape, 1 / shape, len(usual)))
    sigma = np.sqrt(np.log1p(noise**2))
    return rng.poisson(usual * rng.lognormal(-(sigma**2) / 2, sigma, len(usual)))

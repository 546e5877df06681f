"""Prints how good every candidate would have been on public data, as the table that README.md explains."""

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.forecasts.data import read_warehouse
from customer_analytics.metrics.backtest.measures import (
    Measure,
    area_under_roc,
    bias,
    expected_calibration_error,
    mean_absolute_error,
    normalised_gini,
    root_mean_squared_error,
    top_decile_lift,
)
from customer_analytics.metrics.backtest.outcomes import read_outcomes
from customer_analytics.metrics.forecasting.candidates import score_origin
from customer_analytics.metrics.value_models.cohort import FloatArray

# Origin and horizon in days: of spend, and of the probability that no order comes.
SPLITS = {
    "cdnow": ((date(1997, 9, 30), 273), (date(1998, 3, 31), 90)),
    "uci": ((date(2011, 8, 31), 100), (date(2011, 8, 31), 90)),
    "completejourney": ((date(2017, 8, 31), 122), (date(2017, 9, 30), 90)),
}


def main() -> None:
    """Print the tables of the data sets whose paths are given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasts", description=__doc__)
    for name in SPLITS:
        parser.add_argument(f"--{name}", type=Path, metavar="PATH", help="see README.md")
    for name, path in vars(parser.parse_args()).items():
        if path:
            print("\n".join(_tables(name, path)))


def _tables(name: str, path: Path) -> Iterator[str]:
    connection = read_warehouse(name, path)
    of_spend, of_no_order = SPLITS[name]
    yield from ("", f"## {name}: spend of the {of_spend[1]} days after {of_spend[0]}", "")
    yield from ("| candidate | MAE | RMSE | bias | Gini | top-decile lift |", "|---|---|---|---|---|---|")
    outcomes = read_outcomes(connection, *of_spend)
    candidates = {"nothing at all": np.zeros_like(outcomes.spend)}
    candidates |= {
        model: scores.spend for model, scores in score_origin(connection, *of_spend).items() if scores.spend is not None
    }
    for model, spend in candidates.items():
        figures = [
            _figure(measure, outcomes.spend, spend)
            for measure in (mean_absolute_error, root_mean_squared_error, bias, normalised_gini, top_decile_lift)
        ]
        yield "| {} | {:.2f} | {:.0f} | {:+.1%} | {:.3f} | {:.2f} |".format(model, *figures)

    yield from ("", f"## {name}: no order in the {of_no_order[1]} days after {of_no_order[0]}", "")
    yield from ("| candidate | AUC | AUC, recently active | ECE | ECE, recently active |", "|---|---|---|---|---|")
    outcomes = read_outcomes(connection, *of_no_order)
    happened, recent = outcomes.no_order.astype(np.float64), outcomes.recently_active
    for model, scores in score_origin(connection, *of_no_order).items():
        if scores.no_order is not None:
            measures = (area_under_roc, expected_calibration_error) if scores.is_probability else (area_under_roc,)
            cells = [
                f"{_figure(measure, happened[some], scores.no_order[some]):.4f}"
                for measure in measures
                for some in (np.full(len(happened), True), recent)
            ]
            yield f"| {model} | {' | '.join([*cells, '', ''][:4])} |"


def _figure(measure: Measure, actual: FloatArray, predicted: FloatArray) -> float:
    return float(measure(actual, predicted, np.ones((len(actual), 1)))[0])


if __name__ == "__main__":
    main()

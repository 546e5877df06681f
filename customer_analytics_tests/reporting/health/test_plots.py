"""What is drawn fits into its picture."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from customer_analytics.reporting.health.page import HealthReport
from customer_analytics.reporting.health.plots import plots_of
from customer_analytics.reporting.health.totals import DayTotals, History
from customer_analytics_tests.reporting.health.scenario import TODAY


def has_blank_edges(png: bytes) -> bool:
    pixels = imread(BytesIO(png))
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return bool((edges == pixels[0, 0]).all())


@pytest.mark.parametrize("largest", [Decimal("0.25"), Decimal(12345), Decimal(-888_888_888), Decimal(9_876_543_210)])
def test_labels_end_before_the_picture_does(report: HealthReport, largest: Decimal) -> None:
    history = History(
        tuple(
            DayTotals(TODAY - timedelta(days=90 - number), value=largest * number, expected_spend_90d=-largest)
            for number in range(91)
        )
    )
    plots = plots_of(replace(report.figures, history=history))
    assert plots.keys() >= {"value", "expected", "cohorts", "forecast"}
    assert [name for name, plot in plots.items() if not has_blank_edges(plot.png)] == []

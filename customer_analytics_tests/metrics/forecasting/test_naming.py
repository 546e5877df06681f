"""What a forecast's column ``model`` says is read as it was meant."""

from collections.abc import Collection

import pytest

from customer_analytics.metrics.forecasting.naming import bare, is_unproven, named, named_for


@pytest.mark.parametrize(
    ("horizons", "name", "by_horizon"),
    [
        ((30, 90, 365), "spend_regression", ["spend_regression"] * 3),
        (
            (30, 90),
            "spend_regression (365 days: mbg_nbd, unproven)",
            ["spend_regression", "spend_regression", "mbg_nbd (unproven)"],
        ),
        (
            (90,),
            "spend_regression (30, 365 days: mbg_nbd, unproven)",
            ["mbg_nbd (unproven)", "spend_regression", "mbg_nbd (unproven)"],
        ),
        ((), "mbg_nbd (unproven)", ["mbg_nbd (unproven)"] * 3),
    ],
)
def test_each_horizon_has_the_model_that_made_it(horizons: Collection[int], name: str, by_horizon: list[str]) -> None:
    assert named("spend_regression", horizons) == name
    assert [named_for(name, days) for days in (30, 90, 365)] == by_horizon
    assert bare(name) == name.split(maxsplit=1)[0]
    assert is_unproven(name) is not bool(horizons)

"""A policy's numbers make sense together, or it is refused."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from customer_analytics.metrics.at_risk.policy import AtRiskPolicy


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"holdout_share": 1.5}, "holdout_share is 1.5; it lies within 0 and 1"),
        ({"enter_no_order_probability": -0.1}, "enter_no_order_probability is -0.1"),
        ({"min_days_listed": 0}, "min_days_listed is 0; it lies within 1 and inf"),
        ({"capacity": -1}, "capacity is -1; it lies within 0"),
        ({"stay_tickets_30d": 5}, "stay_tickets_30d is 5 and above enter_tickets_30d, 4"),
        ({"stay_no_order_probability": 0.9}, "above enter_no_order_probability, 0.5: nobody could stay"),
    ],
)
def test_wrong_numbers_are_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        AtRiskPolicy(**wrong)


def test_shares_may_be_whole_numbers_and_nobody_need_be_called() -> None:
    assert AtRiskPolicy(holdout_share=0, capacity=0).capacity == 0


def test_a_declared_policy_is_checked_like_any_other() -> None:
    declared = TypeAdapter(AtRiskPolicy)
    assert declared.validate_python({"capacity": 40}) == AtRiskPolicy(capacity=40)
    with pytest.raises(ValidationError, match="holdout_share is 2"):
        declared.validate_python({"holdout_share": 2})
    with pytest.raises(ValidationError, match="calls_a_day"):
        declared.validate_python({"calls_a_day": 40})

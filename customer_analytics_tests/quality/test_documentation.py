"""What docs/sources.md says of reasons is what records are set aside for."""

import pytest

from customer_analytics.quality.compiler import OTHER_DAY, STRUCTURE_MESSAGES
from customer_analytics.quality.duplicates import ACROSS_DAYS, WITHIN_DAY
from customer_analytics.settings import PROJECT_ROOT


@pytest.mark.parametrize("reason", [*STRUCTURE_MESSAGES, OTHER_DAY, WITHIN_DAY, ACROSS_DAYS])
def test_every_reason_that_is_no_check_is_explained(reason: str) -> None:
    section = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8").split("| reason | the record |\n")[1]
    reasons = [line.split("|")[1] for line in section.split("\n\n")[0].splitlines()]
    assert any(f"`{reason}`" in each for each in reasons)

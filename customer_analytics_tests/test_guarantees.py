"""Every test that docs/guarantees.md names is there."""

import re

import pytest

from customer_analytics.settings import PROJECT_ROOT

TESTS = PROJECT_ROOT / "customer_analytics_tests"
NAMED = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", (PROJECT_ROOT / "docs/guarantees.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_promise_is_held_by_a_test(file: str, test: str) -> None:
    content = (TESTS / file).read_text(encoding="utf-8")
    assert f"def {test or 'test_'}" in content


def test_every_promise_names_one() -> None:
    text = (PROJECT_ROOT / "docs/guarantees.md").read_text(encoding="utf-8")
    promises = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(promises) > 20
    assert [promise for promise in promises if "`" not in promise.rsplit("|", 2)[1]] == []

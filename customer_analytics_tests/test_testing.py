"""The pytest helper: a failed check and a silent one both fail the test."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from customer_analytics.settings import PROJECT_ROOT
from customer_analytics.testing import assert_asset_checks
from customer_analytics_tests.components.conftest import Company


def run(*results: dg.AssetCheckResult) -> tuple[dg.Definitions, dg.ExecuteInProcessResult]:
    """An asset with the check ``good``, which reports the given results."""

    @dg.asset(check_specs=[dg.AssetCheckSpec("good", asset="thing")])
    def thing() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield dg.MaterializeResult()
        yield from results

    definitions = dg.Definitions(assets=[thing])
    job = definitions.resolve_implicit_global_asset_job_def()
    return definitions, job.execute_in_process(raise_on_error=False)


def test_a_passed_check_passes() -> None:
    assert_asset_checks(*run(dg.AssetCheckResult(passed=True)))


def test_a_failed_check_fails_and_says_what_was_found() -> None:
    with pytest.raises(AssertionError, match=r"thing:good .*failed: three of them"):
        assert_asset_checks(*run(dg.AssetCheckResult(passed=False, description="three of them")))


def test_a_warning_passes() -> None:
    assert_asset_checks(*run(dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)))


def test_a_check_that_did_not_report_fails() -> None:
    with pytest.raises(AssertionError, match=r"thing:good .*did not report"):
        assert_asset_checks(*run())


def test_the_projects_own_days_pass(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    result = company.materialize("orders", "customer_lifetime_value", days=("2026-11-01", "2026-11-02"))
    assert_asset_checks(company.definitions, result)


def test_a_day_that_is_held_back_fails(company: Company) -> None:
    company.land_bad_orders("2026-11-01")
    with pytest.raises(AssertionError, match=r"orders:quarantine_rate \[2026-11-01\] failed: 90.00%"):
        assert_asset_checks(company.definitions, company.materialize("orders", day="2026-11-01"))


def test_the_example_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example] = re.findall(r"```python\n(.*?)```", (PROJECT_ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    names["test_a_clean_day"](tmp_path, monkeypatch)

"""Audits of the forecast can fail, each for what it names."""

from collections.abc import Iterator

import duckdb
import pytest

from customer_analytics.metrics.forecasting.compute import compute_customer_value_forecast
from customer_analytics.quality.outcome import CheckOutcome
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.forecasting.shop import day, publish_shop
from customer_analytics_tests.metrics.scenario import NOW, audit

__all__ = ["warehouse"]

DAY, OTHER_DAY = day(180), day(181)
ASSET = "customer_value_forecast"


# By days of the horizon.
OF_EACH_HORIZON = (
    "expected_orders_{0}d = -1",
    "expected_orders_{0}d = {0} + 0.01",
    "fewest_orders_{0}d = -1",
    "fewest_orders_{0}d = most_orders_{0}d + 1",
    "low_spend_{0}d = -0.01",
    "low_spend_{0}d = expected_spend_{0}d + 0.01",
    "discounted_spend_{0}d = -0.01",
    "discounted_spend_{0}d = expected_spend_{0}d + 0.01",
    "high_spend_{0}d = expected_spend_{0}d - 0.01",
)


@pytest.fixture(scope="module")
def computed() -> Iterator[duckdb.DuckDBPyConnection]:
    """The shop's forecasts; for reading only."""
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        publish_shop(connection, customers=60)
        compute_customer_value_forecast(connection, [DAY, OTHER_DAY], "run", NOW)
        yield connection


@pytest.fixture
def forecast(computed: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same forecasts, for changes that are taken back after the test."""
    computed.begin()
    yield computed
    computed.rollback()


def outcome(connection: duckdb.DuckDBPyConnection, check: str) -> CheckOutcome:
    days = audit(connection, ASSET, [DAY, OTHER_DAY])
    (other,) = (one for one in days[OTHER_DAY] if one.check == check)
    assert other.outcome != "failed"
    return next(one for one in days[DAY] if one.check == check)


def test_a_forecast_as_computed_passes(forecast: duckdb.DuckDBPyConnection) -> None:
    assert outcome(forecast, "one_row_per_customer").outcome == "passed"
    assert outcome(forecast, "forecast_sane").outcome == "passed"


def test_two_rows_of_a_customer_fail(forecast: duckdb.DuckDBPyConnection) -> None:
    where = f"as_of_date = '{DAY}' and customer_id = 'customer 007'"
    forecast.execute(f"insert into marts.{ASSET} from marts.{ASSET} where {where}")
    found = outcome(forecast, "one_row_per_customer")
    assert (found.outcome, found.sample) == ("failed", ("customer 007",))


@pytest.mark.parametrize(
    "change",
    [
        *(change.format(days) for days in (30, 90, 365) for change in OF_EACH_HORIZON),
        "probability_of_order_30d = -0.0001",
        "probability_of_order_30d = probability_of_order_90d + 0.0001",
        "probability_of_order_90d = probability_of_order_365d + 0.0001",
        "probability_of_order_365d = 1.0001",
        "probability_of_order_90d = 'nan'",
        "expected_orders_90d = 'inf'",
        "expected_spend_30d = expected_spend_90d + 0.01, high_spend_30d = 1e6",
        "expected_spend_90d = expected_spend_365d + 0.01, high_spend_90d = 1e6",
        "spend_per_order = -1",
    ],
)
def test_a_figure_that_cannot_be_fails(forecast: duckdb.DuckDBPyConnection, change: str) -> None:
    forecast.execute(f"update marts.{ASSET} set {change} where as_of_date = '{DAY}' and customer_id = 'customer 007'")
    found = outcome(forecast, "forecast_sane")
    assert (found.outcome, found.sample) == ("failed", ("customer 007",))


def test_a_figure_that_is_missing_fails(forecast: duckdb.DuckDBPyConnection) -> None:
    forecast.execute(f"alter table marts.{ASSET} alter column expected_spend_90d drop not null")
    forecast.execute(f"update marts.{ASSET} set expected_spend_90d = null where as_of_date = '{DAY}'")
    assert outcome(forecast, "forecast_sane").outcome == "failed"


def test_a_fit_that_failed_warns_and_one_that_is_mostly_prior_is_named(forecast: duckdb.DuckDBPyConnection) -> None:
    label = f"update marts.model_fits set label = ? where model = ? and as_of_date = '{DAY}'"
    forecast.execute(label, ["prior-dominated", "mbg_nbd"])
    forecast.execute(label, ["ok", "gamma_gamma"])
    found = outcome(forecast, "fit_ok")
    assert (found.outcome, found.found) == ("passed", "gamma_gamma: ok, mbg_nbd: prior-dominated")
    forecast.execute(label, ["fallback", "mbg_nbd"])  # It was tried, and failed.
    found = outcome(forecast, "fit_ok")
    assert (found.outcome, found.found) == ("warned", "gamma_gamma: ok, mbg_nbd: fallback")


def test_where_nobody_has_ordered_there_is_nothing_to_warn_of(warehouse: duckdb.DuckDBPyConnection) -> None:
    compute_customer_value_forecast(warehouse, [DAY, OTHER_DAY], "run", NOW)
    assert outcome(warehouse, "fit_ok").outcome == "passed"

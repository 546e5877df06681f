"""What is learned, from which origins, and when it is learned anew."""

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from customer_analytics.metrics.forecasting.learned import learned_by
from customer_analytics.metrics.forecasting.learning import Learned, Learner, origins_known
from customer_analytics_tests.metrics.conftest import warehouse
from customer_analytics_tests.metrics.forecasting.shop import publish_shop
from customer_analytics_tests.metrics.scenario import Order, publish_orders

__all__ = ["warehouse"]

JANUARY = date(2024, 1, 1)
DAY = date(2024, 7, 15)


class NeverLearns(Learner):
    def learn(self, day: date, horizon: int) -> Learned | None:
        msg = f"{day} was to be learned"
        raise AssertionError(msg)


def learn(connection: duckdb.DuckDBPyConnection, day: date = DAY) -> Learned:
    learned = learned_by(connection, Learner(connection), day, 30)
    assert learned
    return learned


def test_origins_are_month_ends_whose_outcome_is_over() -> None:
    assert origins_known(JANUARY, date(2024, 4, 30), 30) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    assert origins_known(JANUARY, date(2024, 4, 29), 30) == [date(2024, 1, 31), date(2024, 2, 29)]


def test_one_origin_is_none() -> None:
    assert origins_known(JANUARY, date(2024, 3, 29), 30) == []


def test_the_first_origin_has_a_month_of_history() -> None:
    assert origins_known(date(2024, 1, 2), date(2024, 4, 30), 30) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
    ]
    assert origins_known(date(2024, 1, 3), date(2024, 4, 30), 30) == [date(2024, 2, 29), date(2024, 3, 31)]


def test_of_many_origins_the_latest_six_count() -> None:
    assert origins_known(date(2020, 1, 1), date(2024, 4, 30), 30)[0] == date(2023, 10, 31)


def test_it_holds_from_the_day_on_which_the_last_outcome_is_over(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    learned = learn(warehouse)
    assert (learned.known_on, learned.origins[-1]) == (date(2024, 6, 30), date(2024, 5, 31))
    assert learned.no_order
    assert learned.spend


def test_until_another_origin_is_known_nothing_is_learned(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    learned = learn(warehouse, date(2024, 6, 30))
    for day in (date(2024, 7, 1), date(2024, 7, 29)):
        assert learned_by(warehouse, NeverLearns(warehouse), day, 30) == learned
    with pytest.raises(AssertionError, match="2024-07-30 was to be learned"):
        learned_by(warehouse, NeverLearns(warehouse), date(2024, 7, 30), 30)


def test_what_is_stored_is_what_would_be_learned(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    learned = learn(warehouse)
    warehouse.execute("delete from marts.learned_forecasts")
    assert learn(warehouse, DAY + timedelta(days=5)) == learned


def test_a_correction_of_a_day_it_was_learned_from_is_learned(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    learned = learn(warehouse)
    publish_orders(warehouse, date(2024, 7, 1), [])
    assert learned_by(warehouse, NeverLearns(warehouse), DAY, 30) == learned
    many = [Order(f"customer {number:03}", DAY.replace(month=6), Decimal(5)) for number in range(90)]  # type: ignore[arg-type]
    publish_orders(warehouse, date(2024, 6, 15), many)
    assert learn(warehouse) != learned


def test_that_there_is_too_little_to_learn_from_is_kept_too(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse, customers=20)
    learned = learn(warehouse)
    assert (learned.no_order, learned.spend) == (None, None)
    assert learned_by(warehouse, NeverLearns(warehouse), DAY, 30) == learned


def test_a_learner_that_kept_its_lessons_learns_the_same(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish_shop(warehouse)
    learner = Learner(warehouse)
    learner.learn(DAY - timedelta(days=31), 30)
    assert learner.learn(DAY, 30) == Learner(warehouse).learn(DAY, 30)

"""Fits of the models to all customers as of a day; stored, so that the next day's start from them."""

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from customer_analytics.metrics.forecasting.customers import Customers
from customer_analytics.metrics.statements import statement
from customer_analytics.metrics.value_models.fit import ORDER_MODELS, WEAK_PRIOR, Fit, Label, fit_orders, fit_spending
from customer_analytics.metrics.value_models.gamma_gamma import NAME as GAMMA_GAMMA

# What orders are forecast with until another model has won: it knows that customers may stop after their first order,
# as BG/NBD does not, and fits a million of them in a fraction of the time that Pareto/NBD takes.
DEFAULT_MODEL = "mbg_nbd"


@dataclass(frozen=True)
class Fits:
    """A model of purchase counts, and the Gamma-Gamma model of what an order is worth."""

    orders: Fit
    spending: Fit

    @property
    def label(self) -> Label:
        """The worse of the two."""
        return max(self.orders.label, self.spending.label, key=("ok", "prior-dominated", "fallback").index)


def fit_customers(
    customers: Customers, model: str = DEFAULT_MODEL, earlier: tuple[Fit | None, Fit | None] = (None, None)
) -> Fits:
    """Fit both to all customers; from ``earlier`` fits it is faster, and the result the same.

    Raises:
        KeyError: there is no such model of purchase counts.
    """
    orders, spending = earlier
    return Fits(
        fit_orders(ORDER_MODELS[model], customers.cohort, WEAK_PRIOR, orders),
        fit_spending(customers.spending, WEAK_PRIOR, spending),
    )


def with_default_model(connection: duckdb.DuckDBPyConnection, customers: Customers, fits: Fits) -> Fits:
    """The fits of the same customers with the default model, whichever model ``fits`` has."""
    if fits.orders.model == DEFAULT_MODEL:
        return fits
    earlier = _latest(connection, DEFAULT_MODEL, customers.day)
    return replace(fits, orders=fit_orders(ORDER_MODELS[DEFAULT_MODEL], customers.cohort, WEAK_PRIOR, earlier))


def earlier_fits(connection: duckdb.DuckDBPyConnection, model: str, day: date) -> tuple[Fit | None, Fit | None]:
    """The latest stored fits of before ``day``, to start from."""
    orders, spending = (_latest(connection, name, day) for name in (model, GAMMA_GAMMA))
    return orders, spending


def _latest(connection: duckdb.DuckDBPyConnection, model: str, day: date) -> Fit | None:
    row = connection.execute(statement("forecast/latest_fit"), {"model": model, "day": day}).fetchone()
    if row is None:
        return None
    names, parameters, log_likelihood, label, customers = row
    return Fit(model, tuple(names), tuple(parameters), log_likelihood, label, customers, 0)

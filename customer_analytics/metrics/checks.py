"""The checks of each derived asset."""

from customer_analytics.metrics.audit import DerivedCheck
from customer_analytics.metrics.derived import (
    AT_RISK_CUSTOMERS,
    AT_RISK_RULE,
    CUSTOMER_FEATURES,
    CUSTOMER_LIFETIME_VALUE,
    CUSTOMER_VALUE_FORECAST,
    FORECAST_BACKTEST,
    DerivedAsset,
)
from customer_analytics.quality.outcome import SAMPLE_SIZE

# Orders count for ever: of them, a gap within the last week is worth a warning.
DAYS_EXPECTED = 7

_SAMPLE = {"sample_size": SAMPLE_SIZE}


def _inputs_fresh(asset: DerivedAsset, days: int = DAYS_EXPECTED) -> DerivedCheck:
    return DerivedCheck(
        "inputs_fresh",
        f"What was delivered on the day and the {days - 1} days before it is published.",
        "inputs_fresh",
        {"sources": list(asset.sources), "days": days} | _SAMPLE,
        only_warns=True,
    )


def _one_row_per_customer(sql: str, **parameters: str) -> DerivedCheck:
    return DerivedCheck("one_row_per_customer", "No customer has two rows.", sql, {**parameters, **_SAMPLE})


def _one_row_in(asset: DerivedAsset) -> DerivedCheck:
    return _one_row_per_customer("one_row_per_customer", table=f"marts.{asset.name}")


_CUSTOMER_LIFETIME_VALUE = (
    _one_row_per_customer("customer_lifetime_value/one_row_per_customer"),
    DerivedCheck(
        "no_orphans",
        "Every customer has an order that was delivered by the day.",
        "customer_lifetime_value/no_orphans",
        _SAMPLE,
    ),
    DerivedCheck(
        "revenue_reconciles",
        "Revenue and number of orders are those of all orders delivered by the day, to the cent.",
        "customer_lifetime_value/revenue_reconciles",
    ),
    _inputs_fresh(CUSTOMER_LIFETIME_VALUE),
)

_CUSTOMER_FEATURES = (
    _one_row_in(CUSTOMER_FEATURES),
    DerivedCheck(
        "orders_reconcile",
        "Customers with orders and their order days are those of all orders that were delivered and made by the day.",
        "customer_features/orders_reconcile",
    ),
    _inputs_fresh(CUSTOMER_FEATURES),
)

_FORECAST_BACKTEST = (
    DerivedCheck(
        "no_leakage",
        "No forecast is judged before its time is over.",
        "forecast_backtest/no_leakage",
    ),
    DerivedCheck(
        "champion_holds",
        "The forecasts in use are no worse than plain figures; challengers that do not win are not used.",
        "forecast_backtest/champion_holds",
        only_warns=True,
    ),
    _inputs_fresh(FORECAST_BACKTEST),
)

_CUSTOMER_VALUE_FORECAST = (
    _one_row_in(CUSTOMER_VALUE_FORECAST),
    DerivedCheck(
        "forecast_sane",
        "Figures are there and not negative, expected ones lie in their intervals, probabilities in 0 to 1.",
        "customer_value_forecast/forecast_sane",
        _SAMPLE,
    ),
    DerivedCheck(
        "fit_ok",
        "The models could be fitted; where there are few data, the label says so.",
        "customer_value_forecast/fit_ok",
        only_warns=True,
    ),
    _inputs_fresh(CUSTOMER_VALUE_FORECAST),
)

_AT_RISK_CUSTOMERS = (
    _one_row_in(AT_RISK_CUSTOMERS),
    DerivedCheck(
        "no_orphans",
        "Every customer has a ticket, order or event that was delivered by the day.",
        "at_risk_customers/no_orphans",
        _SAMPLE,
    ),
    DerivedCheck(
        "rule_holds",
        "Exactly the customers who meet the ticket rule are marked so, with the numbers of their tickets.",
        "at_risk_customers/rule_holds",
        AT_RISK_RULE.parameters | _SAMPLE,
    ),
    DerivedCheck(
        "list_holds",
        "Who is listed has reasons and stays for the least time; calls are as many as can be made, ranks have no gaps.",
        "at_risk_customers/list_holds",
        _SAMPLE,
    ),
    DerivedCheck(
        "list_follows",
        "The list of the day before is there: since when somebody is listed, and who is held out, follows from it.",
        "at_risk_customers/list_follows",
        {"sources": list(AT_RISK_CUSTOMERS.sources)},
        only_warns=True,
    ),
    _inputs_fresh(AT_RISK_CUSTOMERS, AT_RISK_RULE.window_days),
)

DERIVED_CHECKS = {
    CUSTOMER_LIFETIME_VALUE.name: _CUSTOMER_LIFETIME_VALUE,
    CUSTOMER_FEATURES.name: _CUSTOMER_FEATURES,
    FORECAST_BACKTEST.name: _FORECAST_BACKTEST,
    CUSTOMER_VALUE_FORECAST.name: _CUSTOMER_VALUE_FORECAST,
    AT_RISK_CUSTOMERS.name: _AT_RISK_CUSTOMERS,
}

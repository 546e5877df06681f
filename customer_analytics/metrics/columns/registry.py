"""The columns of every derived asset, by its name."""

from customer_analytics.metrics.columns.at_risk import AT_RISK_CUSTOMERS_COLUMNS
from customer_analytics.metrics.columns.backtest import FORECAST_BACKTEST_COLUMNS
from customer_analytics.metrics.columns.features import CUSTOMER_FEATURES_COLUMNS
from customer_analytics.metrics.columns.forecast import CUSTOMER_VALUE_FORECAST_COLUMNS
from customer_analytics.metrics.columns.lifetime_value import CUSTOMER_LIFETIME_VALUE_COLUMNS

DERIVED_COLUMNS = {
    "customer_lifetime_value": CUSTOMER_LIFETIME_VALUE_COLUMNS,
    "customer_features": CUSTOMER_FEATURES_COLUMNS,
    "forecast_backtest": FORECAST_BACKTEST_COLUMNS,
    "customer_value_forecast": CUSTOMER_VALUE_FORECAST_COLUMNS,
    "at_risk_customers": AT_RISK_CUSTOMERS_COLUMNS,
}

"""Columns of ``forecast_backtest``."""

from customer_analytics.metrics.columns.column import LEARNED, ORDER_DATES, DerivedColumn

FORECAST_BACKTEST_COLUMNS = (
    DerivedColumn("origin", "date", "Month end from which was forecast, by what was known at its end.", ORDER_DATES),
    DerivedColumn("horizon_days", "integer", "How many days were forecast."),
    DerivedColumn("model", "varchar", "What made the forecast: a model, or a plain figure that stands beside them."),
    DerivedColumn("segment", "varchar", "all, or recently_active: who ordered within horizon_days before the origin."),
    DerivedColumn("measure", "varchar", "What was measured, such as mae (mean absolute error in currency units)."),
    DerivedColumn("value", "double", "The figure.", LEARNED),
    DerivedColumn("low", "double", "95 of 100 resamplings of the customers lie between low ...", LEARNED),
    DerivedColumn("high", "double", "... and high.", LEARNED),
    DerivedColumn("customers", "bigint", "How many customers were judged by.", ORDER_DATES),
    DerivedColumn("known_on", "date", "Day at whose end the outcome was known: origin and horizon_days."),
    DerivedColumn("draws", "double[]", "The resamplings, where models are compared by the measure.", LEARNED),
)

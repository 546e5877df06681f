-- Inputs: asked_days. Output: marts.customer_value_forecast, marts.model_fits and marts.forecast_totals without these days.
delete from marts.customer_value_forecast
where as_of_date in (select as_of_date from asked_days);

delete from marts.model_fits
where as_of_date in (select as_of_date from asked_days);

delete from marts.forecast_totals
where as_of_date in (select as_of_date from asked_days);

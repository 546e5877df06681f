-- Grain: origin, horizon_days. Inputs: $origin, $horizon. Output: marts.forecast_backtest has nothing of the origin.
delete from marts.forecast_backtest
where origin = $origin::date and horizon_days = $horizon::integer;

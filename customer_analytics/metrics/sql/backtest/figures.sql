-- Grain: horizon_days, origin, model, segment, measure. Inputs: marts.forecast_backtest, $day. Output: of the origins that
-- are known by $day, everything of the latest one of each horizon, and the totals of the others.
select horizon_days, origin, model, segment, measure, value, low, high, customers
from marts.forecast_backtest
where known_on <= $day::date
qualify
    origin = max(origin) over (partition by horizon_days)
    or (measure in ('total_actual', 'total_predicted') and segment = 'all')
order by horizon_days, origin, model, segment, measure;

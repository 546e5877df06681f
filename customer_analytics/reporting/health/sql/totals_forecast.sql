-- Grain: origin, ascending. Inputs: marts.forecast_backtest, $day, $horizon, $model, $baseline, $origins. Output: what
-- $model and the baseline expected all customers to spend, and what they spent, at the latest $origins origins that were
-- judged by $day.
select
    origin,
    any_value(customers) as customers,
    max(value) filter (model = $model and measure = 'total_predicted') as predicted,
    max(value) filter (measure = 'total_actual') as actual,
    max(value) filter (model = $baseline and measure = 'total_predicted') as baseline
from marts.forecast_backtest
where
    known_on <= $day
    and horizon_days = $horizon
    and model in ($model, $baseline)
    and segment = 'all'
    and measure in ('total_predicted', 'total_actual')
group by origin
having predicted is not null and actual is not null
qualify row_number() over (order by origin desc) <= $origins
order by origin;

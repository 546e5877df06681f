-- Grain: origin, model, target. Inputs: marts.forecast_backtest, $horizon, $targets, $measures, $segments. Output: the
-- figures, with their draws, by which candidates are compared.
select figures.origin, figures.model, targets.target, figures.customers, figures.value, figures.draws
from marts.forecast_backtest as figures
inner join
    (select unnest($targets) as target, unnest($measures) as measure, unnest($segments) as segment) as targets
    using (measure, segment)
where figures.horizon_days = $horizon::integer and figures.draws is not null
order by figures.origin, figures.model, targets.target;

-- Grain: origin, model, target. Inputs: marts.forecast_backtest, $horizon, $targets, $measures, $segments. Output: the
-- figures, with their draws, by which candidates are compared, and the sums over the same customers; null where the
-- candidate does not forecast spend.
with totals as (
    select
        origin,
        model,
        segment,
        max(value) filter (measure = 'total_predicted') as predicted,
        max(value) filter (measure = 'total_actual') as actual
    from marts.forecast_backtest
    where horizon_days = $horizon::integer and measure in ('total_predicted', 'total_actual')
    group by origin, model, segment
)

select
    figures.origin,
    figures.model,
    targets.target,
    figures.customers,
    figures.value,
    figures.draws,
    totals.predicted,
    totals.actual
from marts.forecast_backtest as figures
inner join
    (select unnest($targets) as target, unnest($measures) as measure, unnest($segments) as segment) as targets
    using (measure, segment)
left join totals on figures.origin = totals.origin and figures.model = totals.model and figures.segment = totals.segment
where figures.horizon_days = $horizon::integer and figures.draws is not null
order by figures.origin, figures.model, targets.target;

-- Grain: model, segment, measure. Inputs: judged_figures, $origin, $horizon. Output: marts.forecast_backtest has them.
insert into marts.forecast_backtest
select
    $origin::date,
    $horizon::integer,
    model,
    segment,
    measure,
    value,
    low,
    high,
    customers,
    $origin::date + $horizon::integer,
    draws
from judged_figures;

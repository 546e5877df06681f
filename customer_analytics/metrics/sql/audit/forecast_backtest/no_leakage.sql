-- Grain: as_of_date. Inputs: asked_days, marts.backtest_origins, marts.forecast_backtest, marts.champions. Output: of what
-- a day sees, the origins that were judged, and the decisions that were made, before the outcome was over.
with early as (
    select known_on as seen_on, format('{} + {} days, judged on {}', origin, horizon_days, judged_on) as what
    from marts.backtest_origins
    where origin + horizon_days > least(known_on, judged_on)
    union
    select known_on, format('{} + {} days, known on {}', origin, horizon_days, known_on)
    from marts.forecast_backtest
    where origin + horizon_days > known_on
    union
    select decided_on, format('{} + {} days, decided by on {}', last_origin, horizon_days, decided_on)
    from marts.champions
    where last_origin + horizon_days > decided_on
)

select
    asked.as_of_date,
    if(count(early.what) = 0, 'passed', 'failed') as outcome,
    'origins judged before their outcome was over: 0' as expected,
    format('origins judged before their outcome was over: {}', count(early.what)) as found,
    min(early.what, 10) as sample
from asked_days as asked
left join early on early.seen_on <= asked.as_of_date
group by asked.as_of_date;

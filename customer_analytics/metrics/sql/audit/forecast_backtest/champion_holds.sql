-- Grain: as_of_date. Inputs: asked_days, marts.champions, marts.backtest_origins, marts.forecast_backtest. Output: who is
-- used as of the day, and which of them are surely worse than the plain figure beside it at the latest three month ends:
-- by 97.5 of 100 resamplings of the customers, the same for both.
with periods as (
    select asked.as_of_date, origins.horizon_days, max(origins.origin) as latest_origin
    from asked_days as asked
    inner join marts.backtest_origins as origins on origins.known_on <= asked.as_of_date
    group by asked.as_of_date, origins.horizon_days
),

decided as (
    select distinct decided_on, horizon_days, target, champion
    from marts.champions
),

used as (
    select
        periods.as_of_date,
        periods.horizon_days,
        periods.latest_origin,
        decided.target,
        arg_max(decided.champion, decided.decided_on) as model
    from periods
    inner join decided on decided.horizon_days = periods.horizon_days and decided.decided_on <= periods.as_of_date
    group by periods.as_of_date, periods.horizon_days, periods.latest_origin, decided.target
),

plain as (
    -- sign: 1 where lower is better
    select *
    from (
        values ('spend', 'baseline', 'mae', 'all', 1), ('no_order', 'recency', 'auc', 'recently_active', -1)
    ) as plain (target, model, measure, segment, sign)
),

paired as (
    select
        used.horizon_days,
        used.latest_origin,
        used.target,
        used.model,
        plain.model as plain_model,
        plain.measure,
        plain.sign,
        figures.customers,
        figures.value,
        reference.value as plain_value,
        figures.draws,
        reference.draws as plain_draws
    from (select distinct horizon_days, latest_origin, target, model from used) as used
    inner join plain on plain.target = used.target and plain.model <> used.model
    inner join marts.forecast_backtest as figures
        on
            figures.horizon_days = used.horizon_days
            and figures.origin <= used.latest_origin
            and figures.origin > last_day(used.latest_origin - interval 3 month)
            and figures.model = used.model
            and figures.measure = plain.measure
            and figures.segment = plain.segment
    inner join marts.forecast_backtest as reference
        on
            reference.horizon_days = figures.horizon_days
            and reference.origin = figures.origin
            and reference.model = plain.model
            and reference.measure = plain.measure
            and reference.segment = plain.segment
),

pooled as (
    select
        horizon_days,
        latest_origin,
        target,
        format(
            '{} days, {}: {} has {} {:.3f}, {} has {:.3f}',
            horizon_days,
            target,
            any_value(model),
            any_value(measure),
            sum(customers * value) / sum(customers),
            any_value(plain_model),
            sum(customers * plain_value) / sum(customers)
        ) as words,
        sum(customers) as customers
    from paired
    group by horizon_days, latest_origin, target
    having count(*) = 3
),

draws as (
    select
        horizon_days,
        latest_origin,
        target,
        customers,
        sign,
        generate_subscripts(draws, 1) as draw,
        unnest(draws) as champion_draw,
        unnest(plain_draws) as plain_draw
    from paired
),

differences as (
    select horizon_days, latest_origin, target, sum(customers * sign * (champion_draw - plain_draw)) as difference
    from draws
    group by horizon_days, latest_origin, target, draw
),

losing as (
    select horizon_days, latest_origin, target, any_value(pooled.words) as words
    from differences
    inner join pooled using (horizon_days, latest_origin, target)
    where not isnan(difference)
    group by horizon_days, latest_origin, target
    having quantile_cont(difference, 0.025) > 0
)

select
    asked.as_of_date,
    if(count(losing.words) = 0, 'passed', 'warned') as outcome,
    'at the latest 3 month ends no worse than baseline (spend, by mae) and recency (no_order, by auc)' as expected,
    coalesce(
        format('in use: {}', string_agg(
            format('{} for {} in {} days', used.model, used.target, used.horizon_days),
            ', '
            order by used.horizon_days, used.target desc
        )),
        'nothing is decided yet'
    ) as found,
    list(losing.words order by losing.words) filter (losing.words is not null) as sample
from asked_days as asked
left join used using (as_of_date)
left join losing using (horizon_days, latest_origin, target)
group by asked.as_of_date;

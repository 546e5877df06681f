-- Grain: horizon_days, origin, ascending. Inputs: the ledger, marts.backtest_origins, $through, $horizons, $sources.
-- Output: month ends whose outcome is over by $through, and that are not judged yet, or were judged from inputs that have
-- changed since; and whether the month end before is an origin too. Before an origin orders have been delivered for as
-- long as is looked ahead, and for 90 days at least: in a shorter history everyone is new.
with first as (
    select min(delivery_day) as delivery_day
    from quality.deliveries
    where source = 'orders'
),

months as (
    select last_day(unnest(generate_series(delivery_day, $through::date, interval 1 month))) as origin, delivery_day
    from first
),

origins as (
    select
        horizons.days as horizon_days,
        months.origin,
        months.origin + horizons.days as known_on,
        date_trunc('month', months.origin)::date - horizons.history >= months.delivery_day as has_previous
    from months
    cross join (select unnest($horizons::integer[]) as days, greatest(days, 90) as history) as horizons
    where months.origin + horizons.days <= $through::date and months.origin - horizons.history + 1 >= months.delivery_day
),

revisions as (
    select *, marts.inputs_revision($sources, known_on) as inputs_revision
    from origins
)

select revisions.horizon_days, revisions.origin, revisions.has_previous, revisions.inputs_revision
from revisions
left join marts.backtest_origins as judged using (horizon_days, origin)
where judged.inputs_revision is distinct from revisions.inputs_revision
order by revisions.horizon_days, revisions.origin;

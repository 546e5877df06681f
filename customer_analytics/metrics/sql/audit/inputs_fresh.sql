-- Grain: as_of_date. Inputs: asked_days, the ledger, $source, $days. Output: of the $days delivery days that end with
-- each day, which are not published. Days before the source's first are not missed, but the day itself always is.
with expected as (
    select asked.as_of_date, asked.as_of_date - back.days::integer as delivery_day
    from asked_days as asked
    cross join range($days) as back (days)
    where
        back.days = 0
        or delivery_day >= (select min(delivery_day) from quality.deliveries where source = $source)
),

missing as (
    select as_of_date, delivery_day
    from expected
    where delivery_day not in (select delivery_day from quality.deliveries where source = $source)
)

select
    asked.as_of_date,
    if(count(missing.delivery_day) = 0, 'passed', 'warned') as outcome,
    format(
        '{} published for each of the {} days that end with this one, from {} on',
        $source,
        $days,
        coalesce((select min(delivery_day) from quality.deliveries where source = $source)::varchar, 'the first')
    ) as expected,
    format('days missing: {}', count(missing.delivery_day)) as found,
    max(missing.delivery_day::varchar, $sample_size) as sample
from asked_days as asked
left join missing using (as_of_date)
group by asked.as_of_date;

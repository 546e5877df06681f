-- Grain: as_of_date. Inputs: asked_days, the ledger, without_delivery, $sources, $days. Output: of the $days delivery days
-- that end with each day, which are not published. Days before a source's first are not missed, nor those of which nothing
-- is expected, and neither is a source that has never been published, as long as another is; the day itself always is where
-- there is but one source, or none was ever published.
with first_days as (
    select asked.source, min(ledger.delivery_day) as first_day
    from (select unnest($sources::varchar[]) as source) as asked
    left join quality.deliveries as ledger using (source)
    group by asked.source
),

expected as (
    select asked.as_of_date, first_days.source, asked.as_of_date - back.days::integer as delivery_day
    from asked_days as asked
    cross join range($days) as back (days)
    cross join first_days
    where
        delivery_day >= first_days.first_day
        or (back.days = 0 and (len($sources::varchar[]) = 1 or (select count(first_day) = 0 from first_days)))
),

missing as (
    select expected.as_of_date, expected.source, expected.delivery_day
    from expected
    anti join quality.deliveries as ledger using (source, delivery_day)
    anti join quality.without_delivery as quiet
        on quiet.source = expected.source
        and (
            list_contains(quiet.weekdays, isodow(expected.delivery_day))
            or list_contains(quiet.days, expected.delivery_day)
        )
)

select
    asked.as_of_date,
    if(count(missing.delivery_day) = 0, 'passed', 'warned') as outcome,
    format(
        '{} published for each of the {} days that end with this one, from {} on',
        array_to_string($sources::varchar[], ', '),
        $days,
        coalesce((select min(first_day) from first_days)::varchar, 'the first')
    ) as expected,
    format('days missing: {}', count(missing.delivery_day)) as found,
    max(
        if(len($sources::varchar[]) = 1, '', missing.source || ' ') || missing.delivery_day::varchar, $sample_size
    ) as sample
from asked_days as asked
left join missing using (as_of_date)
group by asked.as_of_date;

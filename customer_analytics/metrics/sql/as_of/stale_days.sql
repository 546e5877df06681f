-- Grain: day. Inputs: the ledger, marts.as_of_days. Output: computed days of $asset whose inputs have changed since, and
-- days without a computation, from the first published day of $sources through $through; where rows follow from those of
-- the day before ($follows_yesterday), all computed days after the first of these as well.
with changed as (
    select as_of_date as day
    from marts.as_of_days
    where asset = $asset and inputs_revision <> marts.inputs_revision($sources, as_of_date)
    union all
    select day
    from (
        select unnest(generate_series(min(delivery_day), $through::date, interval 1 day))::date as day
        from quality.deliveries
        where list_contains($sources::varchar[], source)
    )
    where day not in (select as_of_date from marts.as_of_days where asset = $asset)
)

select day from changed
union
select as_of_date
from marts.as_of_days
where $follows_yesterday and asset = $asset and as_of_date > (select min(day) from changed)
order by day;

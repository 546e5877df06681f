-- Grain: day. Inputs: the ledger, marts.as_of_days. Output: computed days of $asset whose inputs have changed since, and
-- days without a computation, from the first published day of $source through $through.
select as_of_date as day
from marts.as_of_days
where asset = $asset and inputs_revision <> marts.inputs_revision($source, as_of_date, $window_days)
union all
select day
from (
    select unnest(generate_series(min(delivery_day), $through::date, interval 1 day))::date as day
    from quality.deliveries
    where source = $source
)
where day not in (select as_of_date from marts.as_of_days where asset = $asset)
order by day;

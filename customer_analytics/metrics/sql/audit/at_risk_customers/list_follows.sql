-- Grain: as_of_date. Inputs: asked_days, marts.as_of_days, the ledger, $sources. Output: days before which there were
-- deliveries, but whose list did not follow from that of the day before, since there is none.
with beginning as (
    select min(delivery_day) as first_day
    from quality.deliveries
    where list_contains($sources::varchar[], source)
)

select
    asked.as_of_date,
    if(before.as_of_date is null and asked.as_of_date > beginning.first_day, 'warned', 'passed') as outcome,
    format('follows from the list of {}', asked.as_of_date - 1) as expected,
    if(
        outcome = 'passed',
        'it does',
        'that is not computed: everybody counts as entered now, and whom the lot holds out is drawn anew'
    ) as found,
    null as sample
from asked_days as asked
cross join beginning
left join marts.as_of_days as before
    on before.asset = 'at_risk_customers' and before.as_of_date = asked.as_of_date - 1;

-- Grain: as_of_date. Inputs: asked_days, the ledger, marts.as_of_days, marts.customer_value_history, published_orders.
-- Output: customers with a row that began since the last day computed before these, and of whom no order was delivered
-- since then by the day. Earlier rows were audited with earlier days: whatever changes them makes those days stale.
with days as (
    select unnest(generate_series(
        coalesce(
            (
                select max(as_of_date) + 1
                from marts.as_of_days
                where asset = 'customer_lifetime_value' and as_of_date < (select min(as_of_date) from asked_days)
            ),
            (select min(delivery_day) from quality.deliveries where source = 'orders')
        ),
        (select max(as_of_date) from asked_days),
        interval 1 day
    ))::date as day
),

begun as (
    select customer_id, valid_from, valid_to
    from marts.customer_value_history
    where valid_from in (select day from days)
),

known as (
    select customer_id, min(delivery_day) as known_from
    from published_orders
    where delivery_day in (select day from days)
    group by customer_id
),

unknown as (
    select begun.customer_id, begun.valid_from, least(begun.valid_to, known.known_from) as end_day
    from begun
    left join known using (customer_id)
    where known.known_from is null or known.known_from > begun.valid_from
),

orphans as (
    select distinct asked.as_of_date, unknown.customer_id
    from asked_days as asked
    inner join unknown on unknown.valid_from <= asked.as_of_date and unknown.end_day > asked.as_of_date
)

select
    asked.as_of_date,
    if(count(orphans.customer_id) = 0, 'passed', 'failed') as outcome,
    'customers without a delivered order: 0' as expected,
    format('customers without a delivered order: {}', count(orphans.customer_id)) as found,
    min(orphans.customer_id, $sample_size) as sample
from asked_days as asked
left join orphans using (as_of_date)
group by asked.as_of_date;

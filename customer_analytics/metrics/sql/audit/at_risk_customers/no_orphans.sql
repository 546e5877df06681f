-- Grain: as_of_date. Inputs: asked_days, marts.at_risk_customers, published_orders, published_tickets, published_events.
-- Output: customers with a row of whom neither an order nor a ticket nor an event was delivered by the day.
with known as (
    select customer_id, min(delivery_day) as known_from
    from (
        select customer_id, delivery_day from published_orders
        union all
        select customer_id, delivery_day from published_tickets
        union all
        select customer_id, delivery_day from published_events
    )
    group by customer_id
),

orphans as (
    select distinct listed.as_of_date, listed.customer_id
    from marts.at_risk_customers as listed
    left join known using (customer_id)
    where
        listed.as_of_date in (select as_of_date from asked_days)
        and (known.known_from is null or known.known_from > listed.as_of_date)
)

select
    asked.as_of_date,
    if(count(orphans.customer_id) = 0, 'passed', 'failed') as outcome,
    'customers without anything delivered: 0' as expected,
    format('customers without anything delivered: {}', count(orphans.customer_id)) as found,
    min(orphans.customer_id, $sample_size) as sample
from asked_days as asked
left join orphans using (as_of_date)
group by asked.as_of_date;

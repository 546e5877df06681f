-- Grain: as_of_date. Inputs: asked_days, marts.at_risk_customers, published_orders, published_tickets, published_events.
-- Output: customers with a row of whom neither an order nor a ticket nor an event was delivered by the day. Orders and
-- tickets of the 180 days before are looked at first; only who is not found there is looked for in everything.
with
listed as (
    select as_of_date, customer_id
    from marts.at_risk_customers
    where as_of_date in (select as_of_date from asked_days)
),

recent_days as (
    select unnest(generate_series(min(as_of_date) - 180, max(as_of_date), interval 1 day))::date as day
    from asked_days
),

seen_recently as (
    select customer_id, min(delivery_day) as known_from
    from (
        select customer_id, delivery_day from published_orders
        where delivery_day in (select day from recent_days)
        union all
        select customer_id, delivery_day from published_tickets
        where delivery_day in (select day from recent_days)
    )
    where customer_id in (select customer_id from listed)
    group by customer_id
),

not_seen as (
    select listed.as_of_date, listed.customer_id
    from listed
    left join seen_recently as seen using (customer_id)
    where seen.known_from is null or seen.known_from > listed.as_of_date
),

seen_ever as (
    select customer_id, min(delivery_day) as known_from
    from (
        select customer_id, delivery_day from published_orders
        union all
        select customer_id, delivery_day from published_tickets
        union all
        select customer_id, delivery_day from published_events
    )
    where customer_id in (select customer_id from not_seen)
    group by customer_id
),

orphans as (
    select distinct not_seen.as_of_date, not_seen.customer_id
    from not_seen
    left join seen_ever as seen using (customer_id)
    where seen.known_from is null or seen.known_from > not_seen.as_of_date
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

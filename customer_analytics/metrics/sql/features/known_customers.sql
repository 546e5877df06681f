-- Grain: as_of_date, customer_id. Inputs: published_orders, published_tickets, published_events, $days. Output: temp
-- table asked_customers, everyone who is known by the end of each of $days.
create or replace temp table asked_customers as
with
known as (
    select customer_id, min(greatest(delivery_day, order_date::date)) as known_from
    from published_orders
    group by customer_id
    union all
    select customer_id, min(greatest(delivery_day, created_date::date))
    from published_tickets
    group by customer_id
    union all
    select customer_id, min(greatest(delivery_day, event_date::date))
    from published_events
    group by customer_id
),

asked as (
    select distinct unnest($days::date[]) as as_of_date
)

select distinct asked.as_of_date, known.customer_id
from asked
inner join known on known.known_from <= asked.as_of_date;

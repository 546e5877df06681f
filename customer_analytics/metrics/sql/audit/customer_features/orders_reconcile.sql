-- Grain: as_of_date. Inputs: asked_days, marts.customer_features, published_orders. Output: customers with orders and
-- their order days, against the same in another way than in features/insert.sql: an order day counts from the day on which
-- its first order was known, a customer from that of the first such day, and both are added up over the days.
with
order_days as (
    select
        customer_id,
        order_date::date as order_day,
        min(greatest(delivery_day, order_date::date)) as known_from
    from published_orders
    where not is_refund
    group by customer_id, order_day
),

changes as (
    select known_from, count(*) as order_days, 0 as customers
    from order_days
    group by known_from
    union all
    select known_from, 0, count(*)
    from (select min(known_from) as known_from from order_days group by customer_id)
    group by known_from
),

expected as (
    select
        asked.as_of_date,
        coalesce(sum(changes.customers), 0)::bigint as customers,
        coalesce(sum(changes.order_days), 0)::bigint as order_days
    from asked_days as asked
    left join changes on changes.known_from <= asked.as_of_date
    group by asked.as_of_date
),

found as (
    select
        asked.as_of_date,
        count(*) filter (features.order_days > 0) as customers,
        coalesce(sum(features.order_days), 0)::bigint as order_days
    from asked_days as asked
    left join marts.customer_features as features using (as_of_date)
    group by asked.as_of_date
)

select
    as_of_date,
    if(expected.customers = found.customers and expected.order_days = found.order_days, 'passed', 'failed') as outcome,
    format('{} customers with {} order days', expected.customers, expected.order_days) as expected,
    format('{} customers with {} order days', found.customers, found.order_days) as found,
    [] as sample
from expected
inner join found using (as_of_date);

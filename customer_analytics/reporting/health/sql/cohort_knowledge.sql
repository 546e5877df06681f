-- Grain: day, ascending. Inputs: published_orders, $days. Output: what the cohorts of a day hang on: the first day of the
-- month that was not over yet, and the latest delivery by then with orders of months that were; null without any.
with delivered as (
    select distinct delivery_day, cast(date_trunc('month', order_date) as date) as month
    from published_orders
    where not is_refund
)

select
    asked.day,
    cast(date_trunc('month', asked.day + 1) as date) as this_month,
    max(delivered.delivery_day) as latest_delivery
from (select distinct unnest($days::date[]) as day) as asked
left join delivered
    on delivered.delivery_day <= asked.day and delivered.month < date_trunc('month', asked.day + 1)
group by asked.day
order by asked.day;

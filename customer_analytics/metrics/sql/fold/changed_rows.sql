-- Grain: customer_id, valid_from. Inputs: next_days, touched_customers, marts.folded_days, published_orders,
-- marts.customer_value_history. Output: temp table changed_rows: the rows that the next days add, and of the touched
-- customers also those that follow; and before them each customer's open row, which they end.
create or replace temp table changed_rows as
with
added_orders as (
    from published_orders
    where delivery_day in (select delivery_day from next_days) and delivery_day >= getvariable('first_day')::date
    union all
    select orders.*
    from published_orders as orders
    inner join touched_customers as touched using (customer_id)
    where
        orders.delivery_day >= touched.from_day
        and orders.delivery_day >= getvariable('first_touched_day')::date
        and orders.delivery_day in (select delivery_day from marts.folded_days)
),

day_sums as (
    select
        customer_id,
        delivery_day as valid_from,
        count(*) filter (not is_refund) as order_count,
        sum(greatest(total_amount, 0)) as gross_revenue,
        coalesce(sum(abs(total_amount)) filter (is_refund), 0) as refunded_amount,
        min(order_date) filter (not is_refund) as first_order_date,
        max(order_date) filter (not is_refund) as last_order_date
    from added_orders
    group by customer_id, delivery_day
),

open_rows as (
    select * exclude (valid_to)
    from marts.customer_value_history
    where valid_to = date '9999-12-31' and customer_id in (select customer_id from day_sums)
)

select
    customer_id,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over so_far as valid_to,
    (sum(order_count) over so_far)::bigint as order_count,
    sum(gross_revenue) over so_far as gross_revenue,
    sum(refunded_amount) over so_far as refunded_amount,
    min(first_order_date) over so_far as first_order_date,
    max(last_order_date) over so_far as last_order_date
from (from open_rows union all by name from day_sums)
window so_far as (partition by customer_id order by valid_from rows unbounded preceding);

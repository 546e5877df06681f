-- Grain: customer_id, valid_from. Inputs: touched_customers, published_orders, marts.customer_value_history. Output: temp
-- table changed_rows: of each touched customer all rows from from_day on, and the one before it, whose end may change. By
-- the variable first_touched_day, a constant, scans leave out the blocks of earlier days.
create or replace temp table changed_rows as
with
previous_rows as (
    select history.* exclude (valid_to)
    from marts.customer_value_history as history
    inner join touched_customers as touched using (customer_id)
    where
        history.valid_from < touched.from_day
        and history.valid_to >= touched.from_day
        and history.valid_to >= getvariable('first_touched_day')::date
),

day_sums as (
    select
        orders.customer_id,
        orders.delivery_day as valid_from,
        count(*) filter (not orders.is_refund) as order_count,
        sum(greatest(orders.total_amount, 0)) as gross_revenue,
        coalesce(sum(abs(orders.total_amount)) filter (orders.is_refund), 0) as refunded_amount,
        min(orders.order_date) filter (not orders.is_refund) as first_order_date,
        max(orders.order_date) filter (not orders.is_refund) as last_order_date
    from published_orders as orders
    inner join touched_customers as touched using (customer_id)
    where orders.delivery_day >= touched.from_day and orders.delivery_day >= getvariable('first_touched_day')::date
    group by orders.customer_id, orders.delivery_day
)

select
    customer_id,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over so_far as valid_to,
    sum(order_count) over so_far as order_count,
    sum(gross_revenue) over so_far as gross_revenue,
    sum(refunded_amount) over so_far as refunded_amount,
    min(first_order_date) over so_far as first_order_date,
    max(last_order_date) over so_far as last_order_date
from (from previous_rows union all by name from day_sums)
window so_far as (partition by customer_id order by valid_from rows unbounded preceding);

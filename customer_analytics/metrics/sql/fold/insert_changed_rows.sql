-- Grain: customer_id, valid_from. Inputs: touched_customers, published_orders, and of each touched customer the last
-- row before from_day, which the sums start from. Output: the rows from from_day on, in marts.customer_value_history.
insert into marts.customer_value_history
with
base as (
    select history.* exclude (valid_to), true as is_base
    from marts.customer_value_history as history
    inner join touched_customers as touched using (customer_id)
    where history.valid_from < touched.from_day and history.valid_to >= touched.from_day and history.valid_to >= $first_day
),

day_changes as (
    select
        orders.customer_id,
        orders.delivery_day as valid_from,
        count(*) filter (not is_refund) as order_count,
        sum(greatest(total_amount, 0)) as gross_revenue,
        coalesce(sum(abs(total_amount)) filter (is_refund), 0) as refunded_amount,
        min(order_date) filter (not is_refund) as first_order_date,
        max(order_date) filter (not is_refund) as last_order_date,
        false as is_base
    from published_orders as orders
    inner join touched_customers as touched using (customer_id)
    where orders.delivery_day >= touched.from_day and orders.delivery_day >= $first_day
    group by orders.customer_id, orders.delivery_day
)

select
    customer_id,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over chain as valid_to,
    sum(order_count) over so_far,
    sum(gross_revenue) over so_far,
    sum(refunded_amount) over so_far,
    min(first_order_date) over so_far,
    max(last_order_date) over so_far
from (from base union all by name from day_changes)
window
    chain as (partition by customer_id order by valid_from),
    so_far as (partition by customer_id order by valid_from rows unbounded preceding)
qualify not is_base
order by valid_from, customer_id;

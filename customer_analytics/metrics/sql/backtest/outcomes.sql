-- Grain: customer_id, ascending. Inputs: published_orders, $origin, $horizon. Output: everyone who had ordered by the end
-- of $origin, by what was delivered by then, and what they did in the $horizon days after it, by what was delivered by
-- the last of these. spend is that of orders, in currency units: refunds are forecast by nobody. customer_key is 64 bits of
-- an MD5, the same in every version of the database.
with orders as (
    select
        customer_id,
        cast(order_date as date) as order_day,
        total_amount,
        order_day <= $origin::date and delivery_day <= $origin::date as is_known,
        order_day > $origin::date as is_outcome
    from published_orders
    where
        not is_refund
        and delivery_day <= $origin::date + $horizon::integer
        and order_date < $origin::date + $horizon::integer + 1
)

select
    md5_number_lower(customer_id) as customer_key,
    $origin::date - max(order_day) filter (is_known) as days_since_last_order,
    cast(coalesce(sum(total_amount) filter (is_outcome), 0) as double) as spend,
    count(distinct order_day) filter (is_outcome) as order_days
from orders
group by customer_id
having count(*) filter (is_known) > 0
order by customer_id;

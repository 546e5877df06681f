-- Per customer, in currency units.
select
    customer_id,
    sum(amount) as total_revenue,
    count(*) filter (status <> 'refunded') as order_count,
    round(total_revenue / nullif(order_count, 0), 2) as avg_order_value,
    min(order_date) filter (status <> 'refunded') as first_order_date,
    max(order_date) filter (status <> 'refunded') as last_order_date,
    coalesce(last_order_date::date - first_order_date::date + 1, 0) as lifetime_days,
    greatest(0, round(total_revenue * lifetime_days * 2 / 365, 2)) as estimated_clv
from {{ ref('orders') }}
where status <> 'cancelled'
group by customer_id

-- Grain: one published record that was not cancelled. Inputs: sources.orders, marts.customer_aliases. Output: temp view
-- published_orders. Cancelled orders are left out, refunds told from orders, merged customers one, and said what a record
-- adds to net revenue, here and nowhere else: a refund with an amount above zero is an order that was paid back in full.
create or replace temp view published_orders as
select
    orders.delivery_day,
    orders.order_id,
    coalesce(aliases.customer_id, orders.customer_id) as customer_id,
    orders.order_date,
    orders.total_amount,
    orders.status = 'refunded' as is_refund,
    if(is_refund, least(orders.total_amount, 0), greatest(orders.total_amount, 0)) as revenue
from sources.orders as orders
left join marts.customer_aliases as aliases on aliases.alias_id = orders.customer_id
where orders.status <> 'cancelled';

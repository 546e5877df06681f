-- Grain: one published record that was not cancelled. Inputs: sources.orders, marts.customer_aliases. Output: temp view
-- published_orders. Cancelled orders are left out, refunds told from orders, and merged customers one, here and nowhere
-- else.
create or replace temp view published_orders as
select
    orders.delivery_day,
    orders.order_id,
    coalesce(aliases.customer_id, orders.customer_id) as customer_id,
    orders.order_date,
    orders.total_amount,
    orders.status = 'refunded' as is_refund
from sources.orders as orders
left join marts.customer_aliases as aliases on aliases.alias_id = orders.customer_id
where orders.status <> 'cancelled';

-- Grain: one published record that was not cancelled. Inputs: sources.orders. Output: temp view published_orders.
-- Cancelled orders are left out, and refunds told from orders, here and nowhere else.
create or replace temp view published_orders as
select delivery_day, customer_id, order_date, total_amount, status = 'refunded' as is_refund
from sources.orders
where status <> 'cancelled';

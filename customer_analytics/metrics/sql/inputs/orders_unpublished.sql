-- As inputs/orders.sql while no day of orders has ever been published: the table does not exist, the view is empty.
create or replace temp view published_orders as
select
    null::date as delivery_day,
    null::varchar as order_id,
    null::varchar as customer_id,
    null::timestamp as order_date,
    null::decimal(18, 2) as total_amount,
    null::boolean as is_refund,
    null::decimal(18, 2) as revenue
where false;

-- Version 14: an order counts from its delivery day on, also where its time (UTC) lies after that; its days ago are 0 then,
-- not fewer.

-- Grain: customer_id. What a customer is worth as of the end of `day`: any day, whether computed or not.
create or replace macro marts.customer_lifetime_value_as_of(day) as table
select
    asked.as_of_date,
    figures.customer_id,
    figures.total_revenue,
    figures.gross_revenue,
    figures.refunded_amount,
    figures.avg_order_value,
    figures.order_count,
    figures.first_order_date,
    figures.last_order_date,
    greatest(asked.as_of_date, cast(figures.last_order_date as date)) - cast(figures.last_order_date as date)
        as days_since_last_order,
    figures.customer_lifetime_days,
    figures.estimated_clv
from (select cast(day as date) as as_of_date) as asked
inner join marts.customer_value_figures as figures
    on figures.valid_from <= asked.as_of_date and figures.valid_to > asked.as_of_date;

-- Grain: as_of_date, customer_id. The same for every computed day. A join, not a lateral call of the macro: with
-- `where as_of_date = date '...'` the scan then reads that day's rows only, four times as fast.
create or replace view marts.customer_lifetime_value as
select
    asked.as_of_date,
    figures.customer_id,
    figures.total_revenue,
    figures.gross_revenue,
    figures.refunded_amount,
    figures.avg_order_value,
    figures.order_count,
    figures.first_order_date,
    figures.last_order_date,
    greatest(asked.as_of_date, cast(figures.last_order_date as date)) - cast(figures.last_order_date as date)
        as days_since_last_order,
    figures.customer_lifetime_days,
    figures.estimated_clv
from marts.as_of_days as asked
inner join marts.customer_value_figures as figures
    on figures.valid_from <= asked.as_of_date and figures.valid_to > asked.as_of_date
where asked.asset = 'customer_lifetime_value';

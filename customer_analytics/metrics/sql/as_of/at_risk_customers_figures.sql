-- Grain: as_of_date. Inputs: asked_days, published_tickets, marts.at_risk_customers, marts.customer_value_open,
-- $window_days. Output: rows of each day; there is no CLV to total; customers with tickets in the window that no folded
-- order mentions by then.
with unknown as (
    select asked.as_of_date, count(distinct tickets.customer_id) as customers
    from asked_days as asked
    inner join published_tickets as tickets
        on
            tickets.delivery_day <= asked.as_of_date
            and tickets.delivery_day > asked.as_of_date - $window_days
    left join marts.customer_value_open as known
        on known.customer_id = tickets.customer_id and known.first_order_date < asked.as_of_date + 1
    where known.customer_id is null
    group by asked.as_of_date
)

select asked.as_of_date, count(listed.customer_id), 0::decimal(18, 2), coalesce(any_value(unknown.customers), 0)
from asked_days as asked
left join marts.at_risk_customers as listed using (as_of_date)
left join unknown using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

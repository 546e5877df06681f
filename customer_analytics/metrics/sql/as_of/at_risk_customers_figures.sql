-- Grain: as_of_date. Inputs: asked_days, published_tickets, published_orders, marts.at_risk_customers. Output: rows of each
-- day, and what is plotted: customers who are listed, who are new on the list, who are to be called, who meet the ticket
-- rule, the value at risk of the listed in currency units, and customers with a ticket delivered in the last 30 days whom
-- no order mentions by then.
with
with_tickets as (
    select distinct asked.as_of_date, tickets.customer_id
    from asked_days as asked
    inner join published_tickets as tickets
        on tickets.delivery_day <= asked.as_of_date and tickets.delivery_day > asked.as_of_date - 30
),

known as (
    select customer_id, min(greatest(delivery_day, order_date::date)) as known_from
    from published_orders
    where customer_id in (select customer_id from with_tickets)
    group by customer_id
),

unknown as (
    select asked.as_of_date, count(*) as customers
    from with_tickets as asked
    left join known on known.customer_id = asked.customer_id and known.known_from <= asked.as_of_date
    where known.customer_id is null
    group by asked.as_of_date
)

select
    asked.as_of_date,
    count(found.customer_id) as row_count,
    count(*) filter (found.is_listed) as listed,
    count(*) filter (found.entered_on = asked.as_of_date) as entered,
    count(*) filter (found.call_today) as to_call,
    count(*) filter (found.meets_ticket_rule) as meet_ticket_rule,
    coalesce(sum(found.value_at_risk) filter (found.is_listed), 0) as value_at_risk,
    coalesce(any_value(unknown.customers), 0) as customers_without_orders
from asked_days as asked
left join marts.at_risk_customers as found using (as_of_date)
left join unknown using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

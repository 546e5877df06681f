-- Grain: as_of_date, customer_id. Inputs: asked_days, published_tickets, the rule as parameters. Output: who is at risk
-- as of the end of each day and why, in marts.at_risk_customers. A ticket that was delivered later is not known yet.
insert into marts.at_risk_customers
with counted as (
    select
        asked.as_of_date,
        tickets.customer_id,
        count(*) as tickets,
        count(*) filter (tickets.is_high_priority) as high_priority_tickets
    from asked_days as asked
    inner join published_tickets as tickets
        on
            tickets.created_date >= asked.as_of_date - ($window_days - 1)
            and tickets.created_date < asked.as_of_date + 1
            and tickets.delivery_day <= asked.as_of_date
    group by asked.as_of_date, tickets.customer_id
)

select
    as_of_date,
    customer_id,
    tickets,
    high_priority_tickets,
    list_concat(
        if(tickets >= $min_tickets, [format('{} tickets in the last {} days', tickets, $window_days)], []),
        if(
            high_priority_tickets >= $min_high_priority_tickets,
            [format('{} high-priority tickets in the last {} days', high_priority_tickets, $window_days)],
            []
        )
    ),
    $recommended_action
from counted
where tickets >= $min_tickets or high_priority_tickets >= $min_high_priority_tickets
order by as_of_date, customer_id;

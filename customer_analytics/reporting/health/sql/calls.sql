-- Grain: customer_id; those who are on the list and not held out, who is to be called first comes first. Inputs:
-- marts.at_risk_customers, $day, $rows. Output: the first $rows of them.
select
    call_rank,
    customer_id,
    call_today,
    reasons,
    recommended_action,
    value_at_risk,
    no_order_probability_90d,
    entered_on
from marts.at_risk_customers
where as_of_date = $day and is_listed and not is_held_out
order by call_rank nulls last, customer_id
limit $rows;

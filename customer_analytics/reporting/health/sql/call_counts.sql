-- Grain: one row. Inputs: marts.at_risk_customers, $day. Output: how many are on the list, to be called today, held out.
select
    count(*) as listed,
    count(*) filter (call_today and not is_held_out) as to_call_today,
    count(*) filter (is_held_out) as held_out
from marts.at_risk_customers
where as_of_date = $day and is_listed;

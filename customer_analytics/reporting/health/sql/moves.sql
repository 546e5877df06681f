-- Grain: customer_id; who is on the list of one of two days that follow each other, and not of the other. Inputs:
-- marts.at_risk_customers, marts.customer_lifetime_value_as_of, marts.customer_features, $day, $rows. Output: of those who
-- entered and of those who left the $rows with most at stake each, with what they bought and complained of last.
with moved as (
    select
        customer_id,
        now.customer_id is not null as has_entered,
        coalesce(now.reasons, before.reasons) as reasons,
        coalesce(now.value_at_risk, before.value_at_risk) as value_at_risk,
        before.entered_on as was_listed_from,
        before.tickets_30d as tickets_before
    from (from marts.at_risk_customers where as_of_date = $day and is_listed) as now
    full join (from marts.at_risk_customers where as_of_date = $day - 1 and is_listed) as before using (customer_id)
    where now.customer_id is null or before.customer_id is null
),

shown as (
    select *, count(*) over (partition by has_entered) as moved
    from moved
    qualify row_number() over (partition by has_entered order by value_at_risk desc nulls last, customer_id) <= $rows
)

select
    shown.has_entered,
    shown.moved,
    shown.customer_id,
    shown.reasons,
    shown.value_at_risk,
    shown.was_listed_from,
    cast(bought.last_order_date as date) as last_order_date,
    shown.tickets_before,
    known.tickets_30d as tickets_now
from shown
left join marts.customer_lifetime_value_as_of($day) as bought on bought.customer_id = shown.customer_id
left join marts.customer_features as known on known.as_of_date = $day and known.customer_id = shown.customer_id
order by shown.has_entered desc, shown.value_at_risk desc nulls last, shown.customer_id;

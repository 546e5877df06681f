-- Grain: as_of_date. Inputs: asked_days, value_totals, marts.as_of_days, marts.at_risk_customers,
-- marts.forecast_totals. Output: the totals of each asked day, null where what they are totals of has not been computed for it.
with listed as (
    select
        as_of_date,
        count(*) as customers,
        sum(value_at_risk) as value_at_risk
    from marts.at_risk_customers
    where is_listed and as_of_date between (select min(as_of_date) from asked_days) and (select max(as_of_date) from asked_days)
    group by as_of_date
)

select
    asked.as_of_date,
    if(valued.asset is null, null, totals.customers) as customers,
    if(valued.asset is null, null, totals.total_revenue) as total_revenue,
    if(valued.asset is null, null, totals.total_clv) as total_clv,
    if(judged.asset is null, null, coalesce(listed.customers, 0)) as at_risk,
    if(judged.asset is null, null, coalesce(listed.value_at_risk, 0)) as value_at_risk,
    forecast.expected_spend_90d,
    forecast.expected_spend_365d
from asked_days as asked
left join value_totals as totals using (as_of_date)
left join marts.as_of_days as valued on valued.asset = 'customer_lifetime_value' and valued.as_of_date = asked.as_of_date
left join marts.as_of_days as judged on judged.asset = 'at_risk_customers' and judged.as_of_date = asked.as_of_date
left join listed on listed.as_of_date = asked.as_of_date
left join marts.forecast_totals as forecast on forecast.as_of_date = asked.as_of_date
order by asked.as_of_date;

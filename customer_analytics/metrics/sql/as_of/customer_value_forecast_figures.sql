-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_forecast. Output: rows of each day, and what is plotted: the
-- spend that is expected of all customers, in currency units.
select
    asked.as_of_date,
    count(forecast.customer_id) as row_count,
    coalesce(sum(forecast.expected_spend_30d), 0) as expected_spend_30d,
    coalesce(sum(forecast.expected_spend_90d), 0) as expected_spend_90d,
    coalesce(sum(forecast.expected_spend_365d), 0) as expected_spend_365d
from asked_days as asked
left join marts.customer_value_forecast as forecast using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

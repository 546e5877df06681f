-- Grain: as_of_date. Inputs: asked_days, marts.at_risk_customers. Output: rows of each day; there is no CLV to total.
select asked.as_of_date, count(listed.customer_id), 0::decimal(18, 2)
from asked_days as asked
left join marts.at_risk_customers as listed using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

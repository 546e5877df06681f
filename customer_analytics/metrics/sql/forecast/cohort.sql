-- Grain: frequency, recency, age. Inputs: forecast_customers. Output: how many customers have each, in an order that is
-- always the same, so that sums over them are.
select
    cast(frequency as double) as frequency,
    cast(recency as double) as recency,
    cast(age as double) as age,
    cast(count(*) as double) as customers
from forecast_customers
group by all
order by all;

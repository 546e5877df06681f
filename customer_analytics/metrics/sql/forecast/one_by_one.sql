-- Grain: customer_id, ascending. Inputs: forecast_customers. Output: what forecasts are made of, customer by customer.
-- customer_row is an integer: while the transaction lasts that wrote the rows, it is beyond what a double can tell apart.
select
    rowid as customer_row,
    cast(frequency as double) as frequency,
    cast(recency as double) as recency,
    cast(age as double) as age,
    cast(paid_occasions as double) as paid_occasions,
    mean_spend
from forecast_customers
order by customer_id;

-- Grain: customer_id, as its row in the table. Inputs: forecast_customers. Output: what spend per order is expected from.
select
    rowid as customer_row,
    cast(paid_occasions as double) as paid_occasions,
    mean_spend
from forecast_customers
order by rowid;

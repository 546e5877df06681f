-- Grain: as_of_date. Inputs: asked_days, value_totals. Output: rows and total estimated_clv of each day;
-- everybody in it has ordered.
select as_of_date, customers, total_clv, 0 as customers_without_orders
from value_totals
order by as_of_date;

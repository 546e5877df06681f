-- Grain: as_of_date. Inputs: asked_days, value_totals. Output: rows and total estimated_clv of each day.
select as_of_date, customers, total_clv
from value_totals
order by as_of_date;

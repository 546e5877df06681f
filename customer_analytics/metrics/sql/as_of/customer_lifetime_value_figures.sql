-- Grain: as_of_date. Inputs: asked_days, value_totals. Output: rows of each day, and what is plotted: customers, and the
-- total estimated_clv in currency units.
select as_of_date, customers as row_count, customers, total_clv
from value_totals
order by as_of_date;

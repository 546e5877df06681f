-- Inputs: day_forecast. Output: marts.customer_value_forecast has its rows, in the order of customer_id: that of
-- forecast_customers, which is read in its order. Sorting a million rows once more would take most of the memory.
insert into marts.customer_value_forecast by name
from day_forecast;

-- Grain: customer_id. Inputs: day_forecast. Output: temp table asked_forecast, its rows.
create or replace temp table asked_forecast as
from day_forecast
order by customer_id;

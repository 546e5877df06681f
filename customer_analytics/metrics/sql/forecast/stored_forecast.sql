-- Grain: customer_id. Inputs: marts.customer_value_forecast, $day. Output: temp table asked_forecast, the day's rows.
create or replace temp table asked_forecast as
from marts.customer_value_forecast
where as_of_date = $day;

-- Grain: as_of_date. Inputs: marts.customer_value_forecast, $day. Output: marts.forecast_totals has the day, unless nobody
-- had ordered. Sums are of decimals, because sums of doubles depend on their order.
insert into marts.forecast_totals
select
    as_of_date,
    any_value(model),
    any_value(label),
    count(*),
    sum(cast(expected_orders_30d as decimal(18, 4))),
    sum(cast(expected_orders_90d as decimal(18, 4))),
    sum(cast(expected_orders_365d as decimal(18, 4))),
    sum(expected_spend_30d),
    sum(expected_spend_90d),
    sum(expected_spend_365d)
from marts.customer_value_forecast
where as_of_date = $day
group by as_of_date;

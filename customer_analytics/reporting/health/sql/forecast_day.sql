-- Grain: one row, or none. Inputs: marts.forecast_totals, marts.customer_value_forecast, $day. Output: what all customers
-- together are expected to spend, and how far below and above it may come out in nine cases of ten: the customers' own
-- distances, added as those of independent numbers are, by their squares. Null where the customers' rows are not kept.
select
    totals.model,
    totals.label,
    totals.customers,
    totals.expected_spend_90d,
    sqrt(fsum(pow(cast(each.expected_spend_90d - each.low_spend_90d as double), 2))),
    sqrt(fsum(pow(cast(each.high_spend_90d - each.expected_spend_90d as double), 2))),
    totals.expected_spend_365d,
    sqrt(fsum(pow(cast(each.expected_spend_365d - each.low_spend_365d as double), 2))),
    sqrt(fsum(pow(cast(each.high_spend_365d - each.expected_spend_365d as double), 2)))
from marts.forecast_totals as totals
left join marts.customer_value_forecast as each using (as_of_date)
where totals.as_of_date = $day
group by all;

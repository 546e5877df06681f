-- Grain: customer_id. Inputs: forecast_customers, scored_day, scored_customers, scored_groups. Output: temp view day_forecast,
-- computed while it is read, because written down it would be the largest of all. Amounts are in currency units, gross of
-- refunds. An interval is its numbers of orders at the expected spend per order, and widened to hold the expected spend:
-- where no order is by far the likeliest, the mean is above the most that is likely. The probabilities and spend_factor come
-- from the customers or from the groups, wherever they lie: see scored.py. What is the same for two horizons may be a cent
-- less for the longer one by rounding, so the greater of both is taken.
create or replace temp view day_forecast as
with expected as (
    select
        scored_day.as_of_date,
        customers.customer_id,
        scored_day.model,
        scored_day.label,
        own.spend_per_order,
        groups.expected_orders_30d,
        groups.expected_orders_90d,
        groups.expected_orders_365d,
        probability_of_order_30d,
        probability_of_order_90d,
        probability_of_order_365d,
        groups.fewest_orders_30d,
        groups.fewest_orders_90d,
        groups.fewest_orders_365d,
        groups.most_orders_30d,
        groups.most_orders_90d,
        groups.most_orders_365d,
        spend_factor_30d * own.spend_per_order as spend_of_order_30d,
        spend_factor_90d * own.spend_per_order as spend_of_order_90d,
        spend_factor_365d * own.spend_per_order as spend_of_order_365d,
        groups.expected_orders_30d * spend_of_order_30d as expected_spend_30d,
        greatest(groups.expected_orders_90d * spend_of_order_90d, expected_spend_30d) as expected_spend_90d,
        greatest(groups.expected_orders_365d * spend_of_order_365d, expected_spend_90d) as expected_spend_365d,
        groups.discounted_orders_30d * spend_of_order_30d as discounted_spend_30d,
        groups.discounted_orders_90d * spend_of_order_90d as discounted_spend_90d,
        groups.discounted_orders_365d * spend_of_order_365d as discounted_spend_365d
    from forecast_customers as customers
    inner join scored_customers as own on own.customer_row = customers.rowid
    inner join scored_groups as groups using (group_place)
    cross join scored_day
)

select
    as_of_date,
    customer_id,
    model,
    label,
    round(expected_orders_30d, 4) as expected_orders_30d,
    round(probability_of_order_30d, 4) as probability_of_order_30d,
    cast(fewest_orders_30d as bigint) as fewest_orders_30d,
    cast(most_orders_30d as bigint) as most_orders_30d,
    cast(expected_spend_30d as decimal(18, 2)) as expected_spend_30d,
    cast(discounted_spend_30d as decimal(18, 2)) as discounted_spend_30d,
    cast(least(expected_spend_30d, fewest_orders_30d * spend_of_order_30d) as decimal(18, 2)) as low_spend_30d,
    cast(greatest(expected_spend_30d, most_orders_30d * spend_of_order_30d) as decimal(18, 2)) as high_spend_30d,
    round(expected_orders_90d, 4) as expected_orders_90d,
    round(probability_of_order_90d, 4) as probability_of_order_90d,
    cast(fewest_orders_90d as bigint) as fewest_orders_90d,
    cast(most_orders_90d as bigint) as most_orders_90d,
    cast(expected_spend_90d as decimal(18, 2)) as expected_spend_90d,
    cast(discounted_spend_90d as decimal(18, 2)) as discounted_spend_90d,
    cast(least(expected_spend_90d, fewest_orders_90d * spend_of_order_90d) as decimal(18, 2)) as low_spend_90d,
    cast(greatest(expected_spend_90d, most_orders_90d * spend_of_order_90d) as decimal(18, 2)) as high_spend_90d,
    round(expected_orders_365d, 4) as expected_orders_365d,
    round(probability_of_order_365d, 4) as probability_of_order_365d,
    cast(fewest_orders_365d as bigint) as fewest_orders_365d,
    cast(most_orders_365d as bigint) as most_orders_365d,
    cast(expected_spend_365d as decimal(18, 2)) as expected_spend_365d,
    cast(discounted_spend_365d as decimal(18, 2)) as discounted_spend_365d,
    cast(least(expected_spend_365d, fewest_orders_365d * spend_of_order_365d) as decimal(18, 2)) as low_spend_365d,
    cast(greatest(expected_spend_365d, most_orders_365d * spend_of_order_365d) as decimal(18, 2)) as high_spend_365d,
    cast(spend_per_order as decimal(18, 2)) as spend_per_order
from expected;

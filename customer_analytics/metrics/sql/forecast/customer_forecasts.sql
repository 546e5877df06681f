-- Grain: customer_id. Inputs: forecast_customers, scored_groups, scored_spend. Output: temp view customer_forecasts, computed
-- while it is read, because written down it would be the largest of all. Amounts are in currency units, gross of refunds;
-- those of an interval are its numbers of orders at the expected spend per order.
create or replace temp view customer_forecasts as
select
    customers.customer_id,
    groups.expected_orders_30d,
    groups.expected_orders_90d,
    groups.expected_orders_365d,
    groups.probability_of_order_30d,
    groups.probability_of_order_90d,
    groups.probability_of_order_365d,
    groups.fewest_orders_30d,
    groups.fewest_orders_90d,
    groups.fewest_orders_365d,
    groups.most_orders_30d,
    groups.most_orders_90d,
    groups.most_orders_365d,
    spend.spend_per_order,
    groups.expected_orders_30d * spend.spend_per_order as expected_spend_30d,
    groups.expected_orders_90d * spend.spend_per_order as expected_spend_90d,
    groups.expected_orders_365d * spend.spend_per_order as expected_spend_365d,
    groups.discounted_orders_30d * spend.spend_per_order as discounted_spend_30d,
    groups.discounted_orders_90d * spend.spend_per_order as discounted_spend_90d,
    groups.discounted_orders_365d * spend.spend_per_order as discounted_spend_365d,
    groups.fewest_orders_30d * spend.spend_per_order as low_spend_30d,
    groups.fewest_orders_90d * spend.spend_per_order as low_spend_90d,
    groups.fewest_orders_365d * spend.spend_per_order as low_spend_365d,
    groups.most_orders_30d * spend.spend_per_order as high_spend_30d,
    groups.most_orders_90d * spend.spend_per_order as high_spend_90d,
    groups.most_orders_365d * spend.spend_per_order as high_spend_365d
from forecast_customers as customers
inner join scored_groups as groups using (frequency, recency, age)
inner join scored_spend as spend on spend.customer_row = customers.rowid;

-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_forecast. Output: customers with a figure that is missing, negative
-- or not finite, an expected spend outside its interval, or a probability that is none or falls with the horizon. A condition
-- that is null, because something is, does not hold either.
with strange as (
    select as_of_date, customer_id
    from marts.customer_value_forecast
    where
        as_of_date in (select as_of_date from asked_days)
        and not coalesce(
            (
                spend_per_order >= 0
                and probability_of_order_30d >= 0
                and probability_of_order_90d >= probability_of_order_30d
                and probability_of_order_365d >= probability_of_order_90d
                and probability_of_order_365d <= 1
                and expected_spend_90d >= expected_spend_30d
                and expected_spend_365d >= expected_spend_90d
                and expected_orders_30d between 0 and 30
                and fewest_orders_30d between 0 and most_orders_30d
                and low_spend_30d between 0 and expected_spend_30d
                and discounted_spend_30d between 0 and expected_spend_30d
                and expected_spend_30d <= high_spend_30d
                and expected_orders_90d between 0 and 90
                and fewest_orders_90d between 0 and most_orders_90d
                and low_spend_90d between 0 and expected_spend_90d
                and discounted_spend_90d between 0 and expected_spend_90d
                and expected_spend_90d <= high_spend_90d
                and expected_orders_365d between 0 and 365
                and fewest_orders_365d between 0 and most_orders_365d
                and low_spend_365d between 0 and expected_spend_365d
                and discounted_spend_365d between 0 and expected_spend_365d
                and expected_spend_365d <= high_spend_365d
            ),
            false
        )
)

select
    asked.as_of_date,
    if(count(strange.customer_id) = 0, 'passed', 'failed') as outcome,
    'customers with a figure that cannot be: 0' as expected,
    format('customers with a figure that cannot be: {}', count(strange.customer_id)) as found,
    min(strange.customer_id, $sample_size) as sample
from asked_days as asked
left join strange using (as_of_date)
group by asked.as_of_date;

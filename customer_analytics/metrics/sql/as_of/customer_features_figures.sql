-- Grain: as_of_date. Inputs: asked_days, marts.customer_features. Output: rows of each day, and what is plotted: customers
-- with orders, and those of them who may have ordered before the data begin.
select
    asked.as_of_date,
    count(features.customer_id) as row_count,
    count(features.first_order_date) as customers_with_orders,
    count(*) filter (features.is_left_censored) as left_censored_customers
from asked_days as asked
left join marts.customer_features as features using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

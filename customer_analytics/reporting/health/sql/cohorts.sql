-- Grain: cohort, month. Inputs: published_orders, marts.customer_lifetime_value_as_of, $day, $months. Output: of the
-- customers who ordered for the first time in a month, how many ordered again in the months after it; only months that
-- were over by the end of $day, and the latest $months cohorts. A month without any orders has no row.
with
bounds as (
    -- the first day of the month that was not over yet
    select cast(date_trunc('month', $day::date + 1) as date) as this_month, this_month - to_months($months) as first_month
),

customers as (
    select customer_id, cast(date_trunc('month', first_order_date) as date) as cohort
    from marts.customer_lifetime_value_as_of($day)
    where first_order_date >= (select first_month from bounds) and first_order_date < (select this_month from bounds)
),

sizes as (
    select cohort, count(*) as customers
    from customers
    group by cohort
),

ordered as (
    select distinct customer_id, cast(date_trunc('month', order_date) as date) as month
    from published_orders
    where
        not is_refund
        and delivery_day <= $day
        and order_date >= (select first_month from bounds)
        and order_date < (select this_month from bounds)
)

select
    customers.cohort,
    sizes.customers,
    datediff('month', customers.cohort, ordered.month) as months_later,
    count(*) as again
from customers
inner join sizes on sizes.cohort = customers.cohort
inner join ordered on ordered.customer_id = customers.customer_id and ordered.month > customers.cohort
group by customers.cohort, sizes.customers, months_later
union all
select cohort, customers, 0, customers
from sizes
order by 1, 3;

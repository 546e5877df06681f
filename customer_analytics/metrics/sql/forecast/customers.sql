-- Grain: customer_id. Inputs: published_orders, $day. Output: temp table forecast_customers, who had ordered by the end of
-- $day and how, by what was delivered by then: purchase occasions are distinct days (UTC) with an order, one without spend
-- included; refunds are no orders. frequency counts repeat occasions; recency and age are in days, from the first occasion
-- to the last and to $day. mean_spend is that of the paid occasions in currency units, 0 without any.
create or replace temp table forecast_customers as
with
occasions as (
    select customer_id, cast(order_date as date) as occasion_day, sum(total_amount) as spend
    from published_orders
    where delivery_day <= $day::date and order_date < $day::date + 1 and not is_refund
    group by customer_id, occasion_day
)

select
    customer_id,
    count(*) - 1 as frequency,
    max(occasion_day) - min(occasion_day) as recency,
    $day::date - min(occasion_day) as age,
    count(*) filter (spend > 0) as paid_occasions,
    coalesce(cast(sum(spend) filter (spend > 0) as double) / nullif(paid_occasions, 0), 0) as mean_spend
from occasions
group by customer_id
order by customer_id;

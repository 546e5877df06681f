-- Grain: as_of_date. Inputs: asked_days, value_segments. Output: temp view value_totals, the sums over all customers of
-- marts.customer_lifetime_value, and how many of them have ordered.
create or replace temp view value_totals as
select
    asked.as_of_date,
    coalesce(sum(segments.customers) filter (segments.orders_at_least > 0), 0)::bigint as customers,
    coalesce(sum(segments.total_revenue), 0) as total_revenue,
    coalesce(sum(segments.order_count), 0)::bigint as order_count,
    coalesce(sum(segments.estimated_clv), 0) as total_clv
from asked_days as asked
left join value_segments as segments using (as_of_date)
group by asked.as_of_date;

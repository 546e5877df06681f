-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_figures. Output: temp view value_totals, the sums over all
-- customers of marts.customer_lifetime_value. Every change row is added on its first day and taken away on its last, so
-- that many days cost little more than one: nothing is multiplied by customers and days.
create or replace temp view value_totals as
with
spans as (
    select
        greatest(figures.valid_from, asked.first_day) as first_day,
        figures.valid_to as end_day,
        figures.total_revenue,
        figures.order_count,
        figures.estimated_clv
    from (select min(as_of_date) as first_day, max(as_of_date) as last_day from asked_days) as asked
    inner join marts.customer_value_figures as figures
        on figures.valid_from <= asked.last_day and figures.valid_to > asked.first_day
),

changes as (
    select
        first_day as day,
        count(*) as customers,
        sum(total_revenue) as total_revenue,
        sum(order_count) as order_count,
        sum(estimated_clv) as total_clv
    from spans
    group by first_day
    union all
    select end_day, -count(*), -sum(total_revenue), -sum(order_count), -sum(estimated_clv)
    from spans
    group by end_day
)

select
    asked.as_of_date,
    coalesce(sum(changes.customers), 0)::bigint as customers,
    coalesce(sum(changes.total_revenue), 0) as total_revenue,
    coalesce(sum(changes.order_count), 0)::bigint as order_count,
    coalesce(sum(changes.total_clv), 0) as total_clv
from asked_days as asked
left join changes on changes.day <= asked.as_of_date
group by asked.as_of_date;

-- Grain: as_of_date, orders_at_least. Inputs: asked_days, marts.customer_value_figures. Output: temp view value_segments,
-- the sums of marts.customer_lifetime_value over customers with as many orders. Every change row is added on its first day
-- and taken away on its last, so that many days cost little more than one: nothing is multiplied by customers and days. By
-- the variable first_asked_day, a constant, scans leave out the blocks of rows that ended before.
set variable first_asked_day = (select min(as_of_date) from asked_days);

create or replace temp view value_segments as
with
spans as (
    select
        greatest(figures.valid_from, asked.first_day) as first_day,
        figures.valid_to as end_day,
        case
            when figures.order_count >= 10 then 10
            when figures.order_count >= 4 then 4
            when figures.order_count >= 2 then 2
            else figures.order_count
        end as orders_at_least,
        figures.total_revenue,
        figures.order_count,
        figures.estimated_clv
    from (select min(as_of_date) as first_day, max(as_of_date) as last_day from asked_days) as asked
    inner join marts.customer_value_figures as figures
        on figures.valid_from <= asked.last_day and figures.valid_to > asked.first_day
    where figures.valid_to > getvariable('first_asked_day')::date
),

changes as (
    select
        first_day as day,
        orders_at_least,
        count(*) as customers,
        sum(total_revenue) as total_revenue,
        sum(order_count) as order_count,
        sum(estimated_clv) as estimated_clv
    from spans
    group by first_day, orders_at_least
    union all
    select end_day, orders_at_least, -count(*), -sum(total_revenue), -sum(order_count), -sum(estimated_clv)
    from spans
    group by end_day, orders_at_least
)

select
    asked.as_of_date,
    changes.orders_at_least,
    sum(changes.customers)::bigint as customers,
    sum(changes.total_revenue) as total_revenue,
    sum(changes.order_count)::bigint as order_count,
    sum(changes.estimated_clv) as estimated_clv
from asked_days as asked
inner join changes on changes.day <= asked.as_of_date
group by asked.as_of_date, changes.orders_at_least
having sum(changes.customers) <> 0 or sum(changes.total_revenue) <> 0 or sum(changes.order_count) <> 0;

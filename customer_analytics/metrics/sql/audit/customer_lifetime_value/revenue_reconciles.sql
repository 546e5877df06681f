-- Grain: as_of_date. Inputs: asked_days, value_totals, marts.order_day_totals. Output: revenue, to the cent, and number of
-- orders over all customers, against the same from all orders delivered by the day.
with expected as (
    select
        asked.as_of_date,
        coalesce(sum(delivered.revenue), 0) as revenue,
        coalesce(sum(delivered.order_count), 0)::bigint as orders
    from asked_days as asked
    left join marts.order_day_totals as delivered on delivered.delivery_day <= asked.as_of_date
    group by asked.as_of_date
)

select
    as_of_date,
    if(expected.revenue = totals.total_revenue and expected.orders = totals.order_count, 'passed', 'failed') as outcome,
    format('{} from {} orders', expected.revenue::varchar, expected.orders) as expected,
    format('{} from {} orders', totals.total_revenue::varchar, totals.order_count) as found,
    [] as sample
from expected
inner join value_totals as totals using (as_of_date);

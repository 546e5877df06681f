-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_segments. Output: rows of each day, and what is plotted:
-- customers, and the total estimated_clv in currency units.
select
    asked.as_of_date,
    coalesce(sum(segments.customers), 0)::bigint as row_count,
    coalesce(sum(segments.customers), 0)::bigint as customers,
    coalesce(sum(segments.estimated_clv), 0) as total_clv
from asked_days as asked
left join marts.customer_value_segments as segments using (as_of_date)
group by asked.as_of_date
order by asked.as_of_date;

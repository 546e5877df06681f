-- Grain: as_of_date. Inputs: asked_days, $table, a table by as_of_date and customer_id. Output: customers who have several
-- rows on the day.
with doubled as (
    select as_of_date, customer_id
    from query_table($table)
    where as_of_date in (select as_of_date from asked_days)
    group by as_of_date, customer_id
    having count(*) > 1
)

select
    asked.as_of_date,
    if(count(doubled.customer_id) = 0, 'passed', 'failed') as outcome,
    'customers with several rows: 0' as expected,
    format('customers with several rows: {}', count(doubled.customer_id)) as found,
    min(doubled.customer_id, $sample_size) as sample
from asked_days as asked
left join doubled using (as_of_date)
group by asked.as_of_date;

-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_history. Output: customers of whom two change rows are
-- valid on the day.
with spans as (
    select
        history.customer_id,
        history.valid_from,
        history.valid_to,
        max(history.valid_to) over (
            partition by history.customer_id
            order by history.valid_from
            rows between unbounded preceding and 1 preceding
        ) as previous_valid_to
    from (select min(as_of_date) as first_day, max(as_of_date) as last_day from asked_days) as asked
    inner join marts.customer_value_history as history
        on history.valid_from <= asked.last_day and history.valid_to > asked.first_day
    where history.valid_to > getvariable('first_asked_day')::date
),

doubled as (
    select distinct asked.as_of_date, spans.customer_id
    from asked_days as asked
    inner join spans
        on
            spans.valid_from <= asked.as_of_date
            and spans.valid_to > asked.as_of_date
            and spans.previous_valid_to > asked.as_of_date
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

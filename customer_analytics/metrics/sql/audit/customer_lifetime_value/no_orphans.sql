-- Grain: as_of_date. Inputs: asked_days, marts.customer_value_history, published_orders. Output: customers with a row of
-- whom no order was delivered by the day.
with spans as (
    select history.customer_id, greatest(history.valid_from, asked.first_day) as first_day, history.valid_to
    from (select min(as_of_date) as first_day, max(as_of_date) as last_day from asked_days) as asked
    inner join marts.customer_value_history as history
        on history.valid_from <= asked.last_day and history.valid_to > asked.first_day
),

known as (
    select customer_id, min(delivery_day) as known_from
    from published_orders
    group by customer_id
),

unknown as (
    select spans.customer_id, spans.first_day, least(spans.valid_to, known.known_from) as end_day
    from spans
    left join known using (customer_id)
    where known.known_from is null or known.known_from > spans.first_day
),

orphans as (
    select distinct asked.as_of_date, unknown.customer_id
    from asked_days as asked
    inner join unknown on unknown.first_day <= asked.as_of_date and unknown.end_day > asked.as_of_date
)

select
    asked.as_of_date,
    if(count(orphans.customer_id) = 0, 'passed', 'failed') as outcome,
    'customers without a delivered order: 0' as expected,
    format('customers without a delivered order: {}', count(orphans.customer_id)) as found,
    min(orphans.customer_id, $sample_size) as sample
from asked_days as asked
left join orphans using (as_of_date)
group by asked.as_of_date;

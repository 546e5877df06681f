-- Grain: as_of_date. Inputs: asked_days, marts.at_risk_customers of these days and the days before them,
-- marts.at_risk_policies, published_orders, published_tickets, published_events. Output: customers who are listed or called
-- against the day's policy. A day that was not computed by a policy has nobody to judge.
with
policies as (
    select
        asked.as_of_date,
        policies.policy['enter_tickets_30d'] as enter_tickets_30d,
        policies.policy['enter_tickets_7d'] as enter_tickets_7d,
        policies.policy['enter_high_priority_tickets_30d'] as enter_high_priority_tickets_30d,
        policies.policy['enter_no_order_probability'] as enter_no_order_probability,
        policies.policy['stay_no_order_probability'] as stay_no_order_probability,
        policies.policy['min_days_listed'] as min_days_listed,
        coalesce(policies.policy['capacity'], 'infinity'::double) as capacity
    from asked_days as asked
    inner join marts.at_risk_policies as policies using (as_of_date)
),

today as (
    select found.*, row_number() over (partition by as_of_date order by call_rank nulls last) as place
    from marts.at_risk_customers as found
    where as_of_date in (select as_of_date from policies)
),

listed_before as (
    select as_of_date + 1 as as_of_date, customer_id, entered_on
    from marts.at_risk_customers
    where is_listed and as_of_date + 1 in (select as_of_date from policies)
),

entered as (
    select today.as_of_date, today.customer_id, count(tickets.customer_id) as tickets_7d
    from today
    left join published_tickets as tickets
        on
            tickets.customer_id = today.customer_id
            and tickets.delivery_day <= today.as_of_date
            and tickets.created_date >= today.as_of_date - 6
            and tickets.created_date < today.as_of_date + 1
    where today.entered_on = today.as_of_date
    group by today.as_of_date, today.customer_id
),

wrong_entries as (
    select today.as_of_date, today.customer_id
    from today
    inner join policies using (as_of_date)
    left join listed_before using (as_of_date, customer_id)
    left join entered using (as_of_date, customer_id)
    where
        today.entered_on is distinct from if(today.is_listed, coalesce(listed_before.entered_on, today.as_of_date), null)
        or (
            entered.customer_id is not null
            and not (
                today.tickets_30d >= policies.enter_tickets_30d
                or entered.tickets_7d >= policies.enter_tickets_7d
                or today.high_priority_tickets_30d >= policies.enter_high_priority_tickets_30d
                or today.large_refund is not null
                or coalesce(
                    today.no_order_probability_90d
                    >= if(today.is_disengaged, policies.stay_no_order_probability, policies.enter_no_order_probability),
                    false
                )
            )
        )
),

gone as (
    select before.as_of_date, before.customer_id
    from listed_before as before
    inner join policies using (as_of_date)
    left join today using (as_of_date, customer_id)
    where not coalesce(today.is_listed, false) and before.as_of_date < before.entered_on + policies.min_days_listed::integer
),

known as (
    select customer_id, min(delivery_day) as known_from
    from (
        select customer_id, delivery_day from published_orders
        union all
        select customer_id, delivery_day from published_tickets
        union all
        select customer_id, delivery_day from published_events
    )
    where customer_id in (select customer_id from gone)
    group by customer_id
),

-- Whose records were withdrawn is gone from the list at once.
wrong_exits as (
    select gone.as_of_date, gone.customer_id
    from gone
    inner join known on known.customer_id = gone.customer_id and known.known_from <= gone.as_of_date
),

wrong_words as (
    select as_of_date, customer_id
    from today
    where len(reasons) = 0 or len(reasons) > 3 or recommended_action in ('', 'none')
),

wrong_calls as (
    select today.as_of_date, today.customer_id
    from today
    inner join policies using (as_of_date)
    where
        (today.call_rank is not null) <> (today.is_listed and not today.is_held_out)
        or today.call_rank <> today.place
        or today.call_today <> coalesce(today.call_rank <= policies.capacity, false)
),

wrong as (
    select *, 'entries' as kind from wrong_entries
    union all
    select *, 'exits' from wrong_exits
    union all
    select *, 'reasons' from wrong_words
    union all
    select *, 'calls' from wrong_calls
)

select
    asked.as_of_date,
    if(count(wrong.customer_id) = 0, 'passed', 'failed') as outcome,
    'against the policy: 0 entries, 0 exits, 0 reasons, 0 calls' as expected,
    format(
        'against the policy: {} entries, {} exits, {} reasons, {} calls',
        count(*) filter (wrong.kind = 'entries'),
        count(*) filter (wrong.kind = 'exits'),
        count(*) filter (wrong.kind = 'reasons'),
        count(*) filter (wrong.kind = 'calls')
    ) as found,
    min(wrong.customer_id, $sample_size) as sample
from asked_days as asked
left join wrong using (as_of_date)
group by asked.as_of_date;

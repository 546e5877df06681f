-- Grain: as_of_date. Inputs: asked_days, marts.at_risk_customers, published_tickets, the rule as parameters. Output:
-- customers who are marked though the rule does not hold, or have other numbers, or are not marked though it does.
-- The rule is computed in another way than in at_risk/signals.sql: each ticket counts from the day on which it was both
-- created and delivered until it leaves the window, and the running sums of these changes are compared.
with changes as (
    select
        tickets.customer_id,
        unnest([
            {'day': greatest(tickets.created_date::date, tickets.delivery_day), 'step': 1},
            {'day': tickets.created_date::date + $window_days, 'step': -1}
        ], recursive := true),
        tickets.is_high_priority
    from (select min(as_of_date) as first_day, max(as_of_date) as last_day from asked_days) as asked
    inner join published_tickets as tickets
        on tickets.created_date > asked.first_day - $window_days and tickets.delivery_day <= asked.last_day
    where tickets.delivery_day < tickets.created_date::date + $window_days
),

day_changes as (
    select customer_id, day, sum(step) as step, sum(step) filter (is_high_priority) as high_priority_step
    from changes
    group by customer_id, day
),

spans as (
    select
        customer_id,
        day as first_day,
        lead(day) over so_far as end_day,
        sum(step) over so_far as tickets,
        coalesce(sum(high_priority_step) over so_far, 0) as high_priority_tickets
    from day_changes
    window so_far as (partition by customer_id order by day rows unbounded preceding)
),

expected as (
    select
        asked.as_of_date,
        spans.customer_id,
        spans.tickets,
        spans.high_priority_tickets,
        spans.tickets >= $min_tickets or spans.high_priority_tickets >= $min_high_priority_tickets as meets_ticket_rule
    from asked_days as asked
    inner join spans on spans.first_day <= asked.as_of_date and spans.end_day > asked.as_of_date
),

found as (
    select as_of_date, customer_id, meets_ticket_rule, tickets_30d, high_priority_tickets_30d
    from marts.at_risk_customers
    where as_of_date in (select as_of_date from asked_days)
),

compared as (
    select
        as_of_date,
        customer_id,
        coalesce(expected.meets_ticket_rule, false) as is_expected,
        coalesce(found.meets_ticket_rule, false) as is_marked,
        found.customer_id is not null as is_found,
        is_expected <> is_marked
        or (
            is_found
            and (
                coalesce(expected.tickets, 0) <> found.tickets_30d
                or coalesce(expected.high_priority_tickets, 0) <> found.high_priority_tickets_30d
            )
        ) as is_wrong
    from expected
    full outer join found using (as_of_date, customer_id)
)

select
    asked.as_of_date,
    if(count(*) filter (compared.is_wrong) = 0, 'passed', 'failed') as outcome,
    format('customers who meet the rule: {}', count(*) filter (compared.is_expected)) as expected,
    format(
        'marked: {}, rows with wrong marks or numbers: {}, missing: {}',
        count(*) filter (compared.is_marked),
        count(*) filter (compared.is_found and compared.is_wrong),
        count(*) filter (compared.is_expected and not compared.is_found)
    ) as found,
    min(compared.customer_id, $sample_size) filter (compared.is_wrong) as sample
from asked_days as asked
left join compared using (as_of_date)
group by asked.as_of_date;

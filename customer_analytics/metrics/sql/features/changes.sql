-- Grain: customer_id, changed_on. Inputs: asked_orders, asked_tickets, asked_events, $first_day, $last_day. Output: temp
-- table feature_changes: by how much the features of each customer change on each of these days; what was known before
-- counts to the first. Added up until a day they are those of the day, so that many days cost little more than one.
-- A record counts from the day on which it was both delivered and over (seen_on), until it leaves the window. There is no
-- spend below zero, so an order day is a paid one from its first order with an amount.
create or replace temp table feature_changes as
with
order_records as (
    select
        customer_id,
        order_date::date as day,
        greatest(delivery_day, day, $first_day::date) as seen_on,
        is_refund,
        total_amount,
        revenue
    from asked_orders
    where greatest(delivery_day, order_date::date) <= $last_day::date
),

order_days as (
    select
        customer_id,
        day,
        min(seen_on) as seen_on,
        min(seen_on) filter (total_amount > 0) as paid_on
    from order_records
    where not is_refund
    group by customer_id, day
),

ticket_records as (
    select
        customer_id,
        created_date::date as day,
        greatest(delivery_day, day, $first_day::date) as seen_on,
        resolved_date::date as resolved_on,
        is_high_priority
    from asked_tickets
    where greatest(delivery_day, created_date::date) <= $last_day::date
),

event_records as (
    select
        customer_id,
        event_date::date as day,
        greatest(delivery_day, day, $first_day::date) as seen_on,
        event_type,
        is_reaction
    from asked_events
    where greatest(delivery_day, event_date::date) <= $last_day::date
),

windows as (select unnest([7, 30, 90, 365]) as days),

changes as (
    select
        customer_id,
        seen_on as changed_on,
        min(day) as first_order_date,
        max(day) as last_order_date,
        count(*) as order_days,
        count(*) filter (day + 30 > seen_on) as order_days_30d,
        count(*) filter (day + 90 > seen_on) as order_days_90d,
        count(*) filter (day + 365 > seen_on) as order_days_365d
    from order_days
    group by customer_id, seen_on
    union all by name
    select customer_id, paid_on as changed_on, count(*) as paid_days
    from order_days
    where paid_on is not null
    group by customer_id, paid_on
    union all by name
    select
        customer_id,
        day + windows.days as changed_on,
        -count(*) filter (windows.days = 30) as order_days_30d,
        -count(*) filter (windows.days = 90) as order_days_90d,
        -count(*) filter (windows.days = 365) as order_days_365d
    from order_days
    cross join windows
    where windows.days >= 30 and day + 365 > $first_day::date and changed_on > seen_on and changed_on <= $last_day::date
    group by customer_id, changed_on
    union all by name
    select
        customer_id,
        seen_on as changed_on,
        sum(total_amount) filter (not is_refund) as spend,
        sum(revenue) filter (day + 90 > seen_on) as revenue_90d,
        sum(revenue) filter (day + 365 > seen_on) as revenue_365d,
        count(*) filter (is_refund and day + 365 > seen_on) as refunds_365d
    from order_records
    group by customer_id, seen_on
    union all by name
    select
        customer_id,
        day + windows.days as changed_on,
        -sum(revenue) filter (windows.days = 90) as revenue_90d,
        -sum(revenue) filter (windows.days = 365) as revenue_365d,
        -count(*) filter (windows.days = 365 and is_refund) as refunds_365d
    from order_records
    cross join windows
    where windows.days >= 90 and day + 365 > $first_day::date and changed_on > seen_on and changed_on <= $last_day::date
    group by customer_id, changed_on
    union all by name
    select
        customer_id,
        seen_on as changed_on,
        max(day) as last_ticket_date,
        count(*) filter (day + 7 > seen_on) as tickets_7d,
        count(*) filter (day + 30 > seen_on) as tickets_30d,
        count(*) filter (day + 90 > seen_on) as tickets_90d,
        count(*) filter (is_high_priority and day + 30 > seen_on) as high_priority_tickets_30d,
        count(*) filter (is_high_priority and day + 90 > seen_on) as high_priority_tickets_90d,
        count(*) filter (resolved_on is null or resolved_on > seen_on) as open_tickets
    from ticket_records
    group by customer_id, seen_on
    union all by name
    select
        customer_id,
        day + windows.days as changed_on,
        -count(*) filter (windows.days = 7) as tickets_7d,
        -count(*) filter (windows.days = 30) as tickets_30d,
        -count(*) filter (windows.days = 90) as tickets_90d,
        -count(*) filter (windows.days = 30 and is_high_priority) as high_priority_tickets_30d,
        -count(*) filter (windows.days = 90 and is_high_priority) as high_priority_tickets_90d
    from ticket_records
    cross join windows
    where windows.days <= 90 and day + 90 > $first_day::date and changed_on > seen_on and changed_on <= $last_day::date
    group by customer_id, changed_on
    union all by name
    select customer_id, resolved_on as changed_on, -count(*) as open_tickets
    from ticket_records
    where resolved_on > seen_on and resolved_on <= $last_day::date
    group by customer_id, resolved_on
    union all by name
    select
        customer_id,
        seen_on as changed_on,
        max(day) filter (is_reaction) as last_reaction_date,
        count(*) filter (event_type = 'email_sent' and day + 30 > seen_on) as emails_sent_30d,
        count(*) filter (event_type = 'email_sent' and day + 90 > seen_on) as emails_sent_90d,
        count(*) filter (is_reaction and day + 30 > seen_on) as reactions_30d,
        count(*) filter (is_reaction and day + 90 > seen_on) as reactions_90d,
        bool_or(event_type = 'unsubscribe') as is_unsubscribed
    from event_records
    group by customer_id, seen_on
    union all by name
    select
        customer_id,
        day + windows.days as changed_on,
        -count(*) filter (windows.days = 30 and event_type = 'email_sent') as emails_sent_30d,
        -count(*) filter (windows.days = 90 and event_type = 'email_sent') as emails_sent_90d,
        -count(*) filter (windows.days = 30 and is_reaction) as reactions_30d,
        -count(*) filter (windows.days = 90 and is_reaction) as reactions_90d
    from event_records
    cross join windows
    where windows.days in (30, 90) and day + 90 > $first_day::date and changed_on > seen_on and changed_on <= $last_day::date
    group by customer_id, changed_on
)

select
    customer_id,
    changed_on,
    min(first_order_date) as first_order_date,
    max(last_order_date) as last_order_date,
    sum(order_days)::integer as order_days,
    sum(order_days_30d)::integer as order_days_30d,
    sum(order_days_90d)::integer as order_days_90d,
    sum(order_days_365d)::integer as order_days_365d,
    sum(paid_days)::integer as paid_days,
    sum(spend) as spend,
    sum(revenue_90d) as revenue_90d,
    sum(revenue_365d) as revenue_365d,
    sum(refunds_365d)::integer as refunds_365d,
    max(last_ticket_date) as last_ticket_date,
    sum(tickets_7d)::integer as tickets_7d,
    sum(tickets_30d)::integer as tickets_30d,
    sum(tickets_90d)::integer as tickets_90d,
    sum(high_priority_tickets_30d)::integer as high_priority_tickets_30d,
    sum(high_priority_tickets_90d)::integer as high_priority_tickets_90d,
    sum(open_tickets)::integer as open_tickets,
    max(last_reaction_date) as last_reaction_date,
    sum(emails_sent_30d)::integer as emails_sent_30d,
    sum(emails_sent_90d)::integer as emails_sent_90d,
    sum(reactions_30d)::integer as reactions_30d,
    sum(reactions_90d)::integer as reactions_90d,
    bool_or(is_unsubscribed) as is_unsubscribed
from changes
group by customer_id, changed_on;

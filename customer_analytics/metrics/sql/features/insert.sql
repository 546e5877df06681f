-- Grain: as_of_date, customer_id. Inputs: asked_customers, published_orders, published_tickets, published_events,
-- $feature_version, $censored_days. Output: temp table made_features has their features; counts are 0 and all else is
-- null where nothing is known.
insert into made_features by name
with
dealings as (  -- grain as_of_date, customer_id, day: a day on which the customer ordered or got money back
    select
        asked.as_of_date,
        asked.customer_id,
        orders.order_date::date as day,
        bool_or(not orders.is_refund) as is_order_day,
        sum(orders.total_amount) filter (not orders.is_refund) as spend,
        sum(if(orders.is_refund, least(orders.total_amount, 0), greatest(orders.total_amount, 0))) as revenue,
        count(*) filter (orders.is_refund) as refunds,
        max(abs(orders.total_amount)) filter (orders.is_refund) as largest_refund
    from asked_customers as asked
    inner join published_orders as orders
        on
            orders.customer_id = asked.customer_id
            and orders.delivery_day <= asked.as_of_date
            and orders.order_date < asked.as_of_date + 1
    group by all
),

ordered as (
    select
        as_of_date,
        customer_id,
        min(day) filter (is_order_day) as first_order_date,
        max(day) filter (is_order_day) as last_order_date,
        count(*) filter (is_order_day) as order_days,
        count(*) filter (is_order_day and day > as_of_date - 30) as order_days_30d,
        count(*) filter (is_order_day and day > as_of_date - 90) as order_days_90d,
        count(*) filter (is_order_day and day > as_of_date - 365) as order_days_365d,
        sum(spend)::double / nullif(count(*) filter (spend > 0), 0) as mean_order_value,
        sum(revenue) filter (day > as_of_date - 90) as revenue_90d,
        sum(revenue) filter (day > as_of_date - 365) as revenue_365d,
        sum(refunds) filter (day > as_of_date - 365) as refunds_365d,
        max(largest_refund) filter (day > as_of_date - 30) as largest_refund_30d
    from dealings
    group by all
),

complained as (
    select
        asked.as_of_date,
        asked.customer_id,
        count(*) filter (tickets.created_date >= asked.as_of_date - 6) as tickets_7d,
        count(*) filter (tickets.created_date >= asked.as_of_date - 29) as tickets_30d,
        count(*) filter (tickets.created_date >= asked.as_of_date - 89) as tickets_90d,
        count(*) filter (
            tickets.is_high_priority and tickets.created_date >= asked.as_of_date - 29
        ) as high_priority_tickets_30d,
        count(*) filter (
            tickets.is_high_priority and tickets.created_date >= asked.as_of_date - 89
        ) as high_priority_tickets_90d,
        count(*) filter (
            tickets.resolved_date is null or tickets.resolved_date >= asked.as_of_date + 1
        ) as open_tickets,
        asked.as_of_date - max(tickets.created_date)::date as days_since_last_ticket
    from asked_customers as asked
    inner join published_tickets as tickets
        on
            tickets.customer_id = asked.customer_id
            and tickets.delivery_day <= asked.as_of_date
            and tickets.created_date < asked.as_of_date + 1
    group by asked.as_of_date, asked.customer_id
),

reacted as (
    select
        asked.as_of_date,
        asked.customer_id,
        count(*) filter (
            events.event_type = 'email_sent' and events.event_date >= asked.as_of_date - 29
        ) as emails_sent_30d,
        count(*) filter (
            events.event_type = 'email_sent' and events.event_date >= asked.as_of_date - 89
        ) as emails_sent_90d,
        count(*) filter (events.is_reaction and events.event_date >= asked.as_of_date - 29) as reactions_30d,
        count(*) filter (events.is_reaction and events.event_date >= asked.as_of_date - 89) as reactions_90d,
        asked.as_of_date - (max(events.event_date) filter (events.is_reaction))::date as days_since_last_reaction,
        bool_or(events.event_type = 'unsubscribe') as is_unsubscribed
    from asked_customers as asked
    inner join published_events as events
        on
            events.customer_id = asked.customer_id
            and events.delivery_day <= asked.as_of_date
            and events.event_date < asked.as_of_date + 1
    group by asked.as_of_date, asked.customer_id
),

beginning as (
    select min(delivery_day) as first_day
    from published_orders
)

select
    asked.as_of_date,
    asked.customer_id,
    $feature_version as feature_version,
    ordered.first_order_date,
    ordered.last_order_date,
    ordered.first_order_date < beginning.first_day + $censored_days as is_left_censored,
    coalesce(ordered.order_days, 0) as order_days,
    coalesce(ordered.order_days_30d, 0) as order_days_30d,
    coalesce(ordered.order_days_90d, 0) as order_days_90d,
    coalesce(ordered.order_days_365d, 0) as order_days_365d,
    ordered.last_order_date - ordered.first_order_date as recency_days,
    asked.as_of_date - ordered.first_order_date as age_days,
    asked.as_of_date - ordered.last_order_date as days_since_last_order,
    recency_days / nullif(ordered.order_days - 1, 0) as mean_gap_days,
    ordered.mean_order_value,
    coalesce(ordered.revenue_90d, 0) as revenue_90d,
    coalesce(ordered.revenue_365d, 0) as revenue_365d,
    coalesce(ordered.refunds_365d, 0) as refunds_365d,
    coalesce(ordered.largest_refund_30d, 0) as largest_refund_30d,
    coalesce(complained.tickets_7d, 0) as tickets_7d,
    coalesce(complained.tickets_30d, 0) as tickets_30d,
    coalesce(complained.tickets_90d, 0) as tickets_90d,
    coalesce(complained.high_priority_tickets_30d, 0) as high_priority_tickets_30d,
    coalesce(complained.high_priority_tickets_90d, 0) as high_priority_tickets_90d,
    coalesce(complained.open_tickets, 0) as open_tickets,
    complained.days_since_last_ticket,
    coalesce(reacted.emails_sent_30d, 0) as emails_sent_30d,
    coalesce(reacted.emails_sent_90d, 0) as emails_sent_90d,
    coalesce(reacted.reactions_30d, 0) as reactions_30d,
    coalesce(reacted.reactions_90d, 0) as reactions_90d,
    reacted.days_since_last_reaction,
    coalesce(reacted.is_unsubscribed, false) as is_unsubscribed
from asked_customers as asked
cross join beginning
left join ordered using (as_of_date, customer_id)
left join complained using (as_of_date, customer_id)
left join reacted using (as_of_date, customer_id);

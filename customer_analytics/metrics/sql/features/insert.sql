-- Grain: as_of_date, customer_id. Inputs: asked_customers, feature_changes, asked_orders, published_orders,
-- $feature_version, $censored_days. Output: temp table made_features has their features; counts are 0 and all else is
-- null where nothing is known. A table that was made in the same transaction looks empty to the planner, which then would
-- hold every asked row against every state.
set asof_loop_join_threshold = 0;

insert into made_features by name
with
states as (
    select
        customer_id,
        changed_on,
        min(first_order_date) over so_far as first_order_date,
        max(last_order_date) over so_far as last_order_date,
        sum(order_days) over so_far as order_days,
        sum(order_days_30d) over so_far as order_days_30d,
        sum(order_days_90d) over so_far as order_days_90d,
        sum(order_days_365d) over so_far as order_days_365d,
        sum(paid_days) over so_far as paid_days,
        sum(spend) over so_far as spend,
        sum(revenue_90d) over so_far as revenue_90d,
        sum(revenue_365d) over so_far as revenue_365d,
        sum(refunds_365d) over so_far as refunds_365d,
        max(last_ticket_date) over so_far as last_ticket_date,
        sum(tickets_7d) over so_far as tickets_7d,
        sum(tickets_30d) over so_far as tickets_30d,
        sum(tickets_90d) over so_far as tickets_90d,
        sum(high_priority_tickets_30d) over so_far as high_priority_tickets_30d,
        sum(high_priority_tickets_90d) over so_far as high_priority_tickets_90d,
        sum(open_tickets) over so_far as open_tickets,
        max(last_reaction_date) over so_far as last_reaction_date,
        sum(emails_sent_30d) over so_far as emails_sent_30d,
        sum(emails_sent_90d) over so_far as emails_sent_90d,
        sum(reactions_30d) over so_far as reactions_30d,
        sum(reactions_90d) over so_far as reactions_90d,
        bool_or(is_unsubscribed) over so_far as is_unsubscribed
    from feature_changes
    window so_far as (partition by customer_id order by changed_on rows unbounded preceding)
),

refunded as (
    select asked.as_of_date, asked.customer_id, max(abs(orders.total_amount)) as largest_refund_30d
    from asked_customers as asked
    inner join asked_orders as orders
        on
            orders.customer_id = asked.customer_id
            and orders.delivery_day <= asked.as_of_date
            and orders.order_date >= asked.as_of_date - 29
            and orders.order_date < asked.as_of_date + 1
    where orders.is_refund
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
    known.first_order_date,
    known.last_order_date,
    known.first_order_date < beginning.first_day + $censored_days as is_left_censored,
    coalesce(known.order_days, 0) as order_days,
    coalesce(known.order_days_30d, 0) as order_days_30d,
    coalesce(known.order_days_90d, 0) as order_days_90d,
    coalesce(known.order_days_365d, 0) as order_days_365d,
    known.last_order_date - known.first_order_date as recency_days,
    asked.as_of_date - known.first_order_date as age_days,
    asked.as_of_date - known.last_order_date as days_since_last_order,
    recency_days / nullif(known.order_days::bigint - 1, 0) as mean_gap_days,
    known.spend::double / nullif(known.paid_days::bigint, 0) as mean_order_value,
    coalesce(known.revenue_90d, 0) as revenue_90d,
    coalesce(known.revenue_365d, 0) as revenue_365d,
    coalesce(known.refunds_365d, 0) as refunds_365d,
    coalesce(refunded.largest_refund_30d, 0) as largest_refund_30d,
    coalesce(known.tickets_7d, 0) as tickets_7d,
    coalesce(known.tickets_30d, 0) as tickets_30d,
    coalesce(known.tickets_90d, 0) as tickets_90d,
    coalesce(known.high_priority_tickets_30d, 0) as high_priority_tickets_30d,
    coalesce(known.high_priority_tickets_90d, 0) as high_priority_tickets_90d,
    coalesce(known.open_tickets, 0) as open_tickets,
    asked.as_of_date - known.last_ticket_date as days_since_last_ticket,
    coalesce(known.emails_sent_30d, 0) as emails_sent_30d,
    coalesce(known.emails_sent_90d, 0) as emails_sent_90d,
    coalesce(known.reactions_30d, 0) as reactions_30d,
    coalesce(known.reactions_90d, 0) as reactions_90d,
    asked.as_of_date - known.last_reaction_date as days_since_last_reaction,
    coalesce(known.is_unsubscribed, false) as is_unsubscribed
from asked_customers as asked
cross join beginning
asof left join states as known
    on known.customer_id = asked.customer_id and known.changed_on <= asked.as_of_date
left join refunded on refunded.as_of_date = asked.as_of_date and refunded.customer_id = asked.customer_id;

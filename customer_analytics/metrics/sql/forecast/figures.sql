-- Grain: customer_id, ascending. Inputs: asked_features, forecast_customers, $day. Output: figures of everybody who had
-- ordered by the end of $day. They have the same meaning however much history there is: logarithms, ratios, and counts over
-- windows that all days have.
select
    features.customer_id,
    cast(ln(1 + days_since_last_order) as double) as log_days_since_last_order,
    cast(ln(order_days) as double) as log_order_days,
    cast(order_days = 1 as double) as has_one_order_day,
    -- how long the silence is by the customer's own measure
    coalesce(cast(ln((1 + days_since_last_order) / (1 + mean_gap_days)) as double), 0) as log_silence_in_gaps,
    cast((1 + recency_days) / (1 + age_days) as double) as active_share,
    cast(ln(1 + order_days_30d) as double) as log_order_days_30d,
    cast(ln(1 + order_days_90d) as double) as log_order_days_90d,
    cast(order_days_90d / order_days as double) as share_of_order_days_90d,
    coalesce(cast(ln(1 + mean_order_value) as double), 0) as log_mean_order_value,
    cast(ln(1 + refunds_365d / order_days) as double) as log_refunds_per_order_day,
    cast(ln(1 + age_days) as double) as log_age_days,
    cast(ln(1 + tickets_90d) as double) as log_tickets_90d,
    cast(ln(1 + high_priority_tickets_90d) as double) as log_high_priority_tickets_90d,
    cast(ln(1 + open_tickets) as double) as log_open_tickets,
    cast(ln(1 + emails_sent_90d) as double) as log_emails_sent_90d,
    cast(ln(1 + reactions_90d) as double) as log_reactions_90d,
    cast(is_unsubscribed as double) as is_unsubscribed
from asked_features as features
semi join forecast_customers using (customer_id)
where features.as_of_date = $day::date
order by features.customer_id;

-- Grain: as_of_date, customer_id. Inputs: asked_features, service_risk_scores. Output: temp table at_risk_features, what the
-- signals are made of; asked_features is replaced by what comes next.
create or replace temp table at_risk_features as
select
    as_of_date,
    customer_id,
    order_days,
    days_since_last_order,
    mean_gap_days,
    mean_order_value,
    revenue_365d,
    largest_refund_30d,
    tickets_7d,
    tickets_30d,
    high_priority_tickets_30d,
    emails_sent_90d,
    reactions_90d,
    days_since_last_reaction,
    service_risk_score
from asked_features
left join service_risk_scores using (as_of_date, customer_id);

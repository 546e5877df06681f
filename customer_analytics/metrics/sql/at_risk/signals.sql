-- Grain: customer_id. Inputs: at_risk_features, asked_forecast, published_orders, published_events, $day, the policy and
-- the rule as structs. Output: temp table at_risk_signals: what speaks for listing each customer as of the end of $day
-- (enters_by_...), for keeping who is listed (stays_by_...), or for both (holds_by_...).
create or replace temp table at_risk_signals as
with
policy as (select unnest($policy)),

rule as (select unnest($rule)),

-- A quantile of fewer refunds than it cuts off one of would be their maximum.
usual_refunds as (
    select quantile_cont(abs(total_amount)::double, struct_extract($policy, 'large_refund_quantile')) as upper_limit
    from published_orders
    where
        is_refund
        and total_amount <> 0
        and delivery_day <= $day
        and order_date >= $day - 364
        and order_date < $day + 1
    having round(count(*) * (1 - struct_extract($policy, 'large_refund_quantile')), 6) >= 1
),

-- A year's revenue of those who have some.
revenues as (
    select quantile_cont(revenue_365d::double, struct_extract($policy, 'valuable_quantile')) as lower_limit
    from at_risk_features
    where as_of_date = $day and revenue_365d > 0
),

-- Of a probability for the next 90 days nothing can be known before 90 days were seen.
beginning as (
    select min(delivery_day) <= $day - 90 as can_forecast
    from published_orders
),

unsubscribed as (
    select distinct customer_id
    from published_events
    where
        event_type = 'unsubscribe'
        and delivery_day <= $day
        and event_date >= $day - 29
        and event_date < $day + 1
),

judged as (
    select
        features.*,
        features.tickets_30d >= rule.min_tickets
        or features.high_priority_tickets_30d >= rule.min_high_priority_tickets as meets_ticket_rule,
        round(1 - forecast.probability_of_order_90d, 4) as no_order_probability_90d,
        beginning.can_forecast
        and forecast.label <> 'fallback'
        and features.order_days >= policy.min_order_days
        and features.days_since_last_order <= policy.max_days_since_last_order as can_be_kept,
        features.days_since_last_order > features.mean_gap_days as is_late,
        if(
            features.largest_refund_30d > usual_refunds.upper_limit
            and features.largest_refund_30d >= features.mean_order_value,
            features.largest_refund_30d,
            null
        ) as large_refund,
        unsubscribed.customer_id is not null as has_unsubscribed,
        coalesce(
            features.emails_sent_90d >= policy.disengaged_emails_90d
            and features.reactions_90d = 0
            and features.days_since_last_reaction is not null,
            false
        ) as ignores_emails,
        revenues.lower_limit as valuable_from
    from at_risk_features as features
    cross join policy
    cross join rule
    cross join beginning
    left join usual_refunds on true
    left join revenues on true
    left join asked_forecast as forecast using (customer_id)
    left join unsubscribed using (customer_id)
    where features.as_of_date = $day
)

select
    judged.* exclude (
        as_of_date, can_be_kept, is_late, valuable_from, revenue_365d, reactions_90d, days_since_last_reaction
    ),
    has_unsubscribed or ignores_emails as is_disengaged,
    round(no_order_probability_90d * greatest(revenue_365d, 0), 2)::decimal(38, 2) as value_at_risk,
    tickets_30d >= policy.enter_tickets_30d
    or tickets_7d >= policy.enter_tickets_7d
    or high_priority_tickets_30d >= policy.enter_high_priority_tickets_30d as enters_by_tickets,
    tickets_30d >= policy.stay_tickets_30d
    or high_priority_tickets_30d >= policy.stay_high_priority_tickets_30d as stays_by_tickets,
    -- what the customer was worth before the money went back
    coalesce(
        large_refund is not null
        and days_since_last_order <= policy.max_days_since_last_order
        and revenue_365d + large_refund >= valuable_from,
        false
    ) as enters_by_refund,
    coalesce(largest_refund_30d > 0 and largest_refund_30d >= mean_order_value, false) as stays_by_refund,
    coalesce(
        can_be_kept and is_late and no_order_probability_90d >= policy.enter_no_order_probability, false
    ) as enters_by_churn,
    coalesce(
        can_be_kept and is_late and no_order_probability_90d >= policy.stay_no_order_probability, false
    ) as stays_by_churn,
    coalesce(
        is_disengaged and can_be_kept and no_order_probability_90d >= policy.stay_no_order_probability, false
    ) as holds_by_disengagement
from judged
cross join policy;

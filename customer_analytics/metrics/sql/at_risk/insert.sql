-- Grain: customer_id. Inputs: at_risk_signals, marts.at_risk_customers of the day before, $day, the policy and the rule as
-- structs. Output: the rows of $day in marts.at_risk_customers: everyone listed, and everyone who meets the ticket rule. In
-- no order: after an ordered insert of no rows, DuckDB 1.5 hides those of a large one in the same transaction.
insert into marts.at_risk_customers by name
with
policy as (select unnest($policy)),

rule as (select unnest($rule)),

listed_before as (
    select customer_id, entered_on, recommended_action
    from marts.at_risk_customers
    where as_of_date = $day - 1 and is_listed
),

listed as (
    select
        signals.*,
        before.recommended_action as action_before,
        before.entered_on is not null as was_listed,
        was_listed and $day < before.entered_on + policy.min_days_listed as must_stay,
        signals.enters_by_tickets
        or signals.enters_by_refund
        or signals.enters_by_churn
        or signals.holds_by_disengagement as enters,
        signals.stays_by_tickets
        or signals.stays_by_refund
        or signals.stays_by_churn
        or signals.holds_by_disengagement as stays,
        enters or (was_listed and (stays or must_stay)) as is_listed,
        if(is_listed, coalesce(before.entered_on, $day), null) as entered_on
    from at_risk_signals as signals
    cross join policy
    left join listed_before as before using (customer_id)
),

worded as (
    select
        listed.*,
        format('{} tickets in the last 30 days', tickets_30d) as tickets_words,
        format('{} high-priority tickets in the last 30 days', high_priority_tickets_30d) as high_priority_words,
        format(
            '{} ticket{} in the last 30 days, {} of high priority',
            tickets_30d,
            if(tickets_30d = 1, '', 's'),
            if(high_priority_tickets_30d = 0, 'none', high_priority_tickets_30d::varchar)
        ) as few_tickets_words,
        format('refund of {:,.2f} in the last 30 days', largest_refund_30d::double) as refund_words,
        format(
            'has usually ordered every {}, last order {} day{} ago: {} % likely not to order in the next 90 days',
            if(round(mean_gap_days) <= 1, 'day', format('{} days', round(mean_gap_days)::bigint)),
            days_since_last_order,
            if(days_since_last_order = 1, '', 's'),
            least(round(no_order_probability_90d * 100), 99)::bigint  -- never certain
        ) as churn_words,
        if(
            has_unsubscribed,
            'unsubscribed from emails in the last 30 days',
            format('reacted to none of {} emails in the last 90 days, but used to', emails_sent_90d)
        ) as disengaged_words,
        format('listed since {}, for at least {} days', entered_on, policy.min_days_listed) as must_stay_words
    from listed
    cross join policy
    where is_listed or meets_ticket_rule
),

-- What is strong enough to list somebody comes before what only keeps somebody; within these, what the customer said
-- comes before what a model says.
reasoned as (
    select
        worded.*,
        list_concat(
            if(tickets_30d >= rule.min_tickets, [{'words': tickets_words, 'action': 'proactive_outreach'}], []),
            if(
                high_priority_tickets_30d >= rule.min_high_priority_tickets,
                [{'words': high_priority_words, 'action': 'proactive_outreach'}],
                []
            ),
            if(enters_by_refund, [{'words': 'unusually large ' || refund_words, 'action': 'refund_follow_up'}], []),
            if(enters_by_churn, [{'words': churn_words, 'action': 'win_back_offer'}], []),
            if(holds_by_disengagement, [{'words': disengaged_words, 'action': 're_engagement'}], []),
            if(
                stays_by_tickets and not meets_ticket_rule,
                [{'words': few_tickets_words, 'action': 'proactive_outreach'}],
                []
            ),
            if(
                stays_by_refund and not enters_by_refund,
                [{'words': refund_words, 'action': 'refund_follow_up'}],
                []
            ),
            if(stays_by_churn and not enters_by_churn, [{'words': churn_words, 'action': 'win_back_offer'}], []),
            if(must_stay and not stays, [{'words': must_stay_words, 'action': action_before}], [])
        ) as causes,
        -- By lot, the same whenever and wherever it is drawn: the hash of listing is as good as a uniform random number.
        is_listed
        and md5_number_lower(customer_id || ' ' || entered_on::varchar) / 18446744073709551616 < policy.holdout_share
            as is_held_out,
        is_listed and not is_held_out as can_be_called
    from worded
    cross join policy
    cross join rule
),

ranked as (
    select
        reasoned.*,
        row_number() over (
            partition by can_be_called
            order by
                enters or stays desc,  -- who is kept for the least time only comes last
                value_at_risk desc nulls last,
                service_risk_score desc nulls last,
                high_priority_tickets_30d desc,
                tickets_30d desc,
                customer_id
        ) as place
    from reasoned
)

select
    $day as as_of_date,
    ranked.customer_id,
    ranked.is_listed,
    ranked.entered_on,
    ranked.meets_ticket_rule,
    ranked.tickets_30d,
    ranked.high_priority_tickets_30d,
    ranked.no_order_probability_90d,
    ranked.service_risk_score,
    ranked.large_refund,
    ranked.is_disengaged,
    ranked.value_at_risk,
    [cause.words for cause in ranked.causes[:3]] as reasons,
    ranked.causes[1].action as recommended_action,
    if(ranked.can_be_called, ranked.place, null) as call_rank,
    ranked.can_be_called and ranked.place <= coalesce(policy.capacity, ranked.place) as call_today,
    ranked.is_held_out
from ranked
cross join policy;

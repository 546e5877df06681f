-- What every contender says at its end.
with broken as (
    select broken_rule, count(*) as records
    from (
        select broken_rule from {{ ref('staged_orders') }}
        union all
        select broken_rule from {{ ref('staged_support_tickets') }}
        union all
        select broken_rule from {{ ref('staged_marketing_events') }}
    )
    group by broken_rule
),

counted as (
    select
        (select count(*) from {{ ref('orders') }})
        + (select count(*) from {{ ref('support_tickets') }})
        + (select count(*) from {{ ref('marketing_events') }}) as accepted,
        (select records from broken where broken_rule is null) as good,
        (select sum(records)::bigint from broken where broken_rule is not null) as bad,
        (select map(list(broken_rule), list(records)) from broken where broken_rule is not null) as rules
)

select
    accepted,
    bad + good - accepted as quarantined,
    map_concat(rules, map {'unique': good - accepted}) as rules,
    (select count(*) from {{ ref('customer_lifetime_value') }}) as customers,
    (select sum(total_revenue)::varchar from {{ ref('customer_lifetime_value') }}) as revenue,
    (select round(sum(estimated_clv))::bigint from {{ ref('customer_lifetime_value') }}) as clv,
    (select count(*) from {{ ref('at_risk') }}) as at_risk
from counted

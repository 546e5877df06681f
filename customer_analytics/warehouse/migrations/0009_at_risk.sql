-- Version 9: the list of customers at risk follows from day to day, and says more than which rule is met.

alter table marts.at_risk_customers rename to at_risk_by_rule;

-- Grain: as_of_date, customer_id; everyone listed, and everyone who meets the ticket rule. Amounts are in currency units.
create table marts.at_risk_customers (
    as_of_date date not null,
    customer_id varchar not null,
    is_listed boolean not null,
    entered_on date,                    -- first day of the present listing; null where not listed
    meets_ticket_rule boolean not null,
    tickets_30d bigint not null,
    high_priority_tickets_30d bigint not null,
    no_order_probability_90d double,    -- null without orders
    service_risk_score double,          -- null without a ticket in 30 days, or with too little to learn from
    large_refund decimal(38, 2),        -- null where there was no unusual one in the last 30 days
    is_disengaged boolean not null,
    value_at_risk decimal(38, 2),       -- null without orders
    reasons varchar[] not null,         -- at most three, the most serious first
    recommended_action varchar not null,
    call_rank bigint,                   -- 1 is called first; of those listed and not held out
    call_today boolean not null,
    is_held_out boolean not null
);

-- Who met the rule is known of all days, nothing else is: they are to be computed again.
insert into marts.at_risk_customers
select
    as_of_date,
    customer_id,
    false,
    null,
    true,
    tickets_30d,
    high_priority_tickets_30d,
    null,
    null,
    null,
    false,
    null,
    reasons,
    recommended_action,
    null,
    false,
    false
from marts.at_risk_by_rule
order by as_of_date, customer_id;

update marts.as_of_days set inputs_revision = -1 where asset = 'at_risk_customers';

drop table marts.at_risk_by_rule;

-- Grain: as_of_date. By which policy the day was listed, without what is not set.
create table marts.at_risk_policies (
    as_of_date date primary key,
    policy map(varchar, double) not null
);

-- Grain: learned_on. How the service risk follows from a customer's tickets, as learned by the end of the day: see
-- LogisticScorer. The four lists are in the order of names.
create table marts.service_risk_scorers (
    learned_on date primary key,
    inputs_revision bigint not null,    -- of the tickets it was learned from
    names varchar[] not null,
    means double[] not null,
    deviations double[] not null,
    coefficients double[] not null,
    intercept double not null
);

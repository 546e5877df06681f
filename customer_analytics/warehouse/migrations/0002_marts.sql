-- Version 2: what is derived from the published sources.

create schema marts;

-- Grain: customer_id, valid_from. What is known of a customer changes only on days on which the customer does
-- something: one row a change, true from valid_from until before valid_to. Always the fold of all published orders.
create table marts.customer_value_history (
    customer_id varchar not null,
    valid_from date not null,
    valid_to date not null,             -- exclusive; 9999-12-31 while it is the latest
    order_count bigint not null,
    gross_revenue decimal(18, 2) not null,
    refunded_amount decimal(18, 2) not null,
    first_order_date timestamp,         -- UTC; null for a customer with refunds only
    last_order_date timestamp           -- UTC
);

-- Grain: delivery_day. Which revision of each day's orders the change rows contain.
create table marts.folded_days (
    delivery_day date primary key,
    revision bigint not null
);

-- Grain: asset, as_of_date. Which days have been derived, and from which inputs.
create table marts.as_of_days (
    asset varchar not null,
    as_of_date date not null,
    inputs_revision bigint not null,    -- the highest revision among the inputs at that time; 0 where there were none
    run_id varchar not null,
    computed_at timestamp not null,     -- UTC
    primary key (asset, as_of_date)
);

-- Grain: as_of_date, customer_id; customers at risk only.
create table marts.at_risk_customers (
    as_of_date date not null,
    customer_id varchar not null,
    tickets_30d bigint not null,
    high_priority_tickets_30d bigint not null,
    reasons varchar[] not null,
    recommended_action varchar not null
);

-- What a customer is worth as of the end of day `day`, from the change rows; any day, whether materialized or not.
create macro marts.customer_lifetime_value_as_of(day) as table
select
    cast(day as date) as as_of_date,
    customer_id,
    gross_revenue - refunded_amount as total_revenue,
    round((gross_revenue - refunded_amount) / nullif(order_count, 0), 2)::decimal(18, 2) as avg_order_value,
    order_count,
    first_order_date,
    last_order_date,
    cast(day as date) - last_order_date::date as days_since_last_order,
    last_order_date::date - first_order_date::date + 1 as customer_lifetime_days
from marts.customer_value_history
where valid_from <= cast(day as date) and cast(day as date) < valid_to;

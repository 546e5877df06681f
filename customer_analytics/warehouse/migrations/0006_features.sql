-- Version 6: who is who, and what is known of every customer.

-- Grain: alias_id. Which customer somebody is who also appears under another id: the map as it was read last, chains
-- resolved, so that no customer_id is an alias itself.
create table marts.customer_aliases (
    alias_id varchar primary key,
    customer_id varchar not null
);

-- Grain: revision. Every change of the map. The revision is of the ledger's sequence, and marts.inputs_revision counts
-- it, so that a change concerns all that was derived before it.
create table marts.alias_revisions (
    revision bigint primary key
);

-- Grain: alias_id. The map that the change rows contain.
create table marts.folded_aliases (
    alias_id varchar primary key,
    customer_id varchar not null
);

-- Grain: as_of_date, customer_id; everyone known by an order, ticket or event. What is in it was delivered by the day
-- and happened before its end. Days are UTC, amounts in currency units; a number of the last days ends with the day.
create table marts.customer_features (
    as_of_date date not null,
    customer_id varchar not null,
    feature_version integer not null,            -- of the columns' definitions; days of another one are not comparable
    first_order_date date,                       -- of orders: null without any
    last_order_date date,
    is_left_censored boolean,                    -- may have ordered before the data begin; null without orders
    order_days bigint not null,                  -- days with an order, whatever it cost
    order_days_30d bigint not null,
    order_days_90d bigint not null,
    order_days_365d bigint not null,
    recency_days bigint,                         -- from the first order day to the last
    age_days bigint,                             -- from the first order day to as_of_date
    days_since_last_order bigint,
    mean_gap_days double,                        -- between neighbouring order days; null with fewer than two
    mean_order_value double,                     -- of the order days with spend; null without
    revenue_90d decimal(38, 2) not null,         -- net of refunds
    revenue_365d decimal(38, 2) not null,
    refunds_365d bigint not null,
    largest_refund_30d decimal(38, 2) not null,  -- positive; 0 without
    tickets_7d bigint not null,                  -- by the day they were opened
    tickets_30d bigint not null,
    tickets_90d bigint not null,
    high_priority_tickets_30d bigint not null,
    high_priority_tickets_90d bigint not null,
    open_tickets bigint not null,                -- not resolved by the end of the day, however old
    days_since_last_ticket bigint,
    emails_sent_30d bigint not null,
    emails_sent_90d bigint not null,
    reactions_30d bigint not null,               -- opened, clicked, looked at
    reactions_90d bigint not null,
    days_since_last_reaction bigint,
    is_unsubscribed boolean not null
);

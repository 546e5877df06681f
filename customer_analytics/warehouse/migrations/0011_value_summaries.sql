-- Version 11: what is asked for often, or of all days, need not be read from all customers and orders.

-- Neither has a key: with one, DuckDB fetches ranges of days row by row through its index, which takes a hundred times as long.

-- Grain: delivery_day. The sums of the day's published orders, by the revision that they were read from.
create table marts.order_day_totals (
    delivery_day date not null,
    revision bigint not null,
    revenue decimal(38, 2) not null,    -- net of refunds
    order_count bigint not null
);

-- Grain: as_of_date, orders_at_least. The sums of marts.customer_lifetime_value over customers with as many orders, for
-- every day computed since version 11. Amounts are in currency units.
create table marts.customer_value_segments (
    as_of_date date not null,
    orders_at_least bigint not null,    -- 0, 1, 2, 4 or 10: and fewer than the next
    customers bigint not null,
    total_revenue decimal(38, 2) not null,
    order_count bigint not null,
    estimated_clv decimal(38, 2) not null
);

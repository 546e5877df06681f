-- Grain: one row. Inputs: published_orders, published_tickets, published_events. Output: how many records all have.
select
    (select count(*) from published_orders)
    + (select count(*) from published_tickets)
    + (select count(*) from published_events);

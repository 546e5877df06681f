-- Grain: one row. Inputs: published_orders, published_tickets, published_events. Output: about how many customers there are.
select approx_count_distinct(customer_id)
from (
    select customer_id from published_orders
    union all
    select customer_id from published_tickets
    union all
    select customer_id from published_events
);

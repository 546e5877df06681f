-- Grain: one published record. Inputs: published_orders, published_tickets, published_events, asked_customers. Output: temp
-- views asked_orders, asked_tickets and asked_events, those of the customers who are asked for.
create or replace temp view asked_orders as
from published_orders
where customer_id in (select customer_id from asked_customers);

create or replace temp view asked_tickets as
from published_tickets
where customer_id in (select customer_id from asked_customers);

create or replace temp view asked_events as
from published_events
where customer_id in (select customer_id from asked_customers);

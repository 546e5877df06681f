-- Grain: one published ticket. Inputs: published_orders, published_tickets, published_events, asked_customers. Output: temp
-- view asked_tickets, those of the customers who are asked for; asked_orders and asked_events have nothing.
create or replace temp view asked_orders as
from published_orders
where false;

create or replace temp view asked_tickets as
from published_tickets
where customer_id in (select customer_id from asked_customers);

create or replace temp view asked_events as
from published_events
where false;

-- Grain: one published record. Inputs: published_orders, published_tickets, published_events. Output: temp views
-- asked_orders, asked_tickets and asked_events, all of them.
create or replace temp view asked_orders as
from published_orders;

create or replace temp view asked_tickets as
from published_tickets;

create or replace temp view asked_events as
from published_events;

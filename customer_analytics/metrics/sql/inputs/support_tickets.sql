-- Grain: one published ticket. Inputs: sources.support_tickets. Output: temp view published_tickets.
create or replace temp view published_tickets as
select delivery_day, customer_id, cast(created_date as date) as created_day, priority
from sources.support_tickets;

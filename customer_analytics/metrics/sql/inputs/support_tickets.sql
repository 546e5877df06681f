-- Grain: one published ticket. Inputs: sources.support_tickets. Output: temp view published_tickets.
create or replace temp view published_tickets as
select delivery_day, customer_id, created_date, priority in ('high', 'urgent') as is_high_priority
from sources.support_tickets;

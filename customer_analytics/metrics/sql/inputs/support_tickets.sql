-- Grain: one published ticket. Inputs: sources.support_tickets, marts.customer_aliases. Output: temp view
-- published_tickets. resolved_date came with the ticket, and may lie after the day that is asked for.
create or replace temp view published_tickets as
select
    tickets.delivery_day,
    tickets.ticket_id,
    coalesce(aliases.customer_id, tickets.customer_id) as customer_id,
    tickets.created_date,
    tickets.resolved_date,
    tickets.priority in ('high', 'urgent') as is_high_priority
from sources.support_tickets as tickets
left join marts.customer_aliases as aliases on aliases.alias_id = tickets.customer_id;

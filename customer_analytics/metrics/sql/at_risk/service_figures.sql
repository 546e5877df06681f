-- Grain: as_of_date, customer_id. Inputs: asked_features, the rule's numbers of tickets. Output: of everybody with a ticket
-- in the last 30 days, what the service risk is learned from. Windows do not overlap, and open tickets are no more than
-- recent ones: so a short past, of which the windows are not full, looks like the beginning of a long one. The rule itself
-- is among it: who meets it today most often does tomorrow.
select
    as_of_date,
    customer_id,
    ln(1 + tickets_7d) as tickets_7d,
    ln(1 + tickets_30d) as tickets_30d,
    ln(1 + tickets_90d - tickets_30d) as tickets_before_30d,
    ln(1 + high_priority_tickets_30d) as high_priority_tickets_30d,
    ln(1 + high_priority_tickets_90d - high_priority_tickets_30d) as high_priority_tickets_before_30d,
    ln(1 + least(open_tickets, tickets_30d)) as open_tickets,
    ln(1 + days_since_last_ticket) as days_since_last_ticket,
    cast(
        tickets_30d >= $min_tickets or high_priority_tickets_30d >= $min_high_priority_tickets as double
    ) as meets_ticket_rule
from asked_features
where tickets_30d > 0
order by as_of_date, customer_id;

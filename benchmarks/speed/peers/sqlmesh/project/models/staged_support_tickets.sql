MODEL (
    name whole_job.staged_support_tickets,
    kind FULL,
    description 'Tickets as they are delivered, with the rule that a bad one breaks.'
);

select
    ticket_id,
    customer_id,
    created_date,
    category,
    priority,
    resolved_date,
    case
        when customer_id is null then 'not_null'
        when priority not in ('low', 'medium', 'high', 'urgent') then 'isin'
    end as broken_rule
from read_json(
    @landing || '/support_tickets/*/support_tickets.jsonl',
    format = 'newline_delimited',
    columns = {
        'ticket_id': 'varchar',
        'customer_id': 'varchar',
        'created_date': 'timestamp',
        'category': 'varchar',
        'priority': 'varchar',
        'resolved_date': 'timestamp'
    }
);

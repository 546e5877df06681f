-- Good records, each ticket_id once.
select * exclude (broken_rule)
from {{ ref('staged_support_tickets') }}
where broken_rule is null
qualify row_number() over (partition by ticket_id order by created_date) = 1

-- Who has three tickets, or two of high priority, in the 30 days that end with the last one.
select customer_id
from {{ ref('support_tickets') }}
where created_date >= (select max(created_date)::date - 29 from {{ ref('support_tickets') }})
group by customer_id
having count(*) >= 3 or count(*) filter (priority in ('high', 'urgent')) >= 2

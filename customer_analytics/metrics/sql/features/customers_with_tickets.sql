-- Grain: as_of_date, customer_id. Inputs: published_tickets, $days. Output: temp table asked_customers, who had opened a
-- ticket in the 30 days that end with one of $days, of those delivered by then.
create or replace temp table asked_customers as
select distinct asked.as_of_date, tickets.customer_id
from (select distinct unnest($days::date[]) as as_of_date) as asked
inner join published_tickets as tickets
    on
        tickets.delivery_day <= asked.as_of_date
        and tickets.created_date >= asked.as_of_date - 29
        and tickets.created_date < asked.as_of_date + 1;

-- Grain: as_of_date, customer_id. Inputs: feature_changes, $days. Output: temp table asked_customers, everyone who is
-- known by the end of each of $days.
create or replace temp table asked_customers as
select asked.as_of_date, known.customer_id
from (select distinct unnest($days::date[]) as as_of_date) as asked
inner join (select customer_id, min(changed_on) as known_from from feature_changes group by customer_id) as known
    on known.known_from <= asked.as_of_date;

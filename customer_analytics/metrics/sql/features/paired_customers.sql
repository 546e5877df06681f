-- Grain: as_of_date, customer_id. Inputs: asked_pairs, $days. Output: temp table asked_customers, who is asked for with
-- one of $days, known or not.
create or replace temp table asked_customers as
select distinct as_of_date, customer_id
from asked_pairs
where as_of_date in (select unnest($days::date[]));

-- Grain: as_of_date, customer_id. Inputs: asked_pairs. Output: temp table asked_customers, who is asked for with which
-- day, known or not.
create or replace temp table asked_customers as
select distinct as_of_date, customer_id
from asked_pairs;

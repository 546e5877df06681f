-- Grain: as_of_date, customer_id. Inputs: marts.customer_features. Output: temp table asked_features, empty.
create or replace temp table asked_features as
from marts.customer_features
where false;

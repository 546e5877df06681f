-- Grain: as_of_date, customer_id. Inputs: made_features. Output: marts.customer_features has its rows.
insert into marts.customer_features by name
from made_features
order by as_of_date, customer_id;

-- Inputs: reopened_rows. Output: marts.customer_value_open has them too.
insert into marts.customer_value_open by name
from reopened_rows;

-- Inputs: changed_rows. Output: marts.customer_value_closed has those that have ended too, in the order of valid_to, so that
-- few blocks have those of a day.
insert into marts.customer_value_closed by name
from marts.packed_times(changed_rows)
where valid_to < date '9999-12-31'
order by valid_to;

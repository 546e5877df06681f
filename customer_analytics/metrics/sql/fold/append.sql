-- Inputs: changed_rows. Output: marts.customer_value_open has the last of each customer in place of what it had.
delete from marts.customer_value_open
where customer_id in (select customer_id from changed_rows where valid_to = date '9999-12-31');

insert into marts.customer_value_open by name
select * exclude (valid_to)
from marts.packed_times(changed_rows)
where valid_to = date '9999-12-31';

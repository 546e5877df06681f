-- Inputs: changed_rows. Output: marts.customer_value_closed and marts.customer_value_open hold them; closed rows are added in
-- the order of valid_to, so that few blocks have those of a day.
delete from marts.customer_value_open
where customer_id in (select customer_id from changed_rows where valid_to = date '9999-12-31');

insert into marts.customer_value_closed by name
from marts.packed_times(changed_rows)
where valid_to < date '9999-12-31'
order by valid_to;

insert into marts.customer_value_open by name
select * exclude (valid_to)
from marts.packed_times(changed_rows)
where valid_to = date '9999-12-31';

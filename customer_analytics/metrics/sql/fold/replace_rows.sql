-- Inputs: touched_customers, changed_rows. Output: marts.customer_value_closed and
-- marts.customer_value_open hold the changed rows in place of what they held of these customers from that row on.
delete from marts.customer_value_closed as closed
using touched_customers as touched
where closed.customer_id = touched.customer_id and closed.valid_to >= touched.from_day;

delete from marts.customer_value_open
where customer_id in (select customer_id from touched_customers);

insert into marts.customer_value_closed by name
from changed_rows
where valid_to < date '9999-12-31'
order by valid_to;

insert into marts.customer_value_open by name
select * exclude (valid_to)
from changed_rows
where valid_to = date '9999-12-31';

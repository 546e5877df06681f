-- Inputs: touched_customers. Output: marts.customer_value_closed and marts.customer_value_open have of each touched customer
-- the rows only that ended before from_day, or began before it and are open; and temp table reopened_rows, those that
-- ended on from_day or later, and are open again.
create or replace temp table reopened_rows as
select closed.* exclude (valid_to)
from marts.customer_value_closed as closed
inner join touched_customers as touched using (customer_id)
where
    closed.valid_from < touched.from_day
    and closed.valid_to >= touched.from_day
    and closed.valid_to >= getvariable('first_touched_day')::date;

delete from marts.customer_value_closed as closed
using touched_customers as touched
where
    closed.customer_id = touched.customer_id
    and closed.valid_to >= touched.from_day
    and closed.valid_to >= getvariable('first_touched_day')::date;

delete from marts.customer_value_open as latest
using touched_customers as touched
where latest.customer_id = touched.customer_id and latest.valid_from >= touched.from_day;

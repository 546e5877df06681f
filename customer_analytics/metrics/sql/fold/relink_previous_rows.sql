-- Inputs: touched_customers. Output: in marts.customer_value_history, the last row of each touched customer before
-- from_day is valid until the customer's next row; it is open again where there is none any more.
update marts.customer_value_history as history
set valid_to = coalesce(following.valid_from, date '9999-12-31')
from touched_customers as touched
left join (
    select changed.customer_id, min(changed.valid_from) as valid_from
    from marts.customer_value_history as changed
    inner join touched_customers as touched using (customer_id)
    where changed.valid_from >= touched.from_day and changed.valid_from >= $first_day
    group by changed.customer_id
) as following using (customer_id)
where
    history.customer_id = touched.customer_id
    and history.valid_from < touched.from_day
    and history.valid_to >= touched.from_day
    and history.valid_to >= $first_day;

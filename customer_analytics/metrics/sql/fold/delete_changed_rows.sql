-- Inputs: touched_customers. Output: marts.customer_value_history without what may have changed.
-- $first_day, the first pending day, is implied by from_day; as a constant it lets the scan skip all that is older.
delete from marts.customer_value_history as history
using touched_customers as touched
where
    history.customer_id = touched.customer_id
    and history.valid_from >= touched.from_day
    and history.valid_from >= $first_day;

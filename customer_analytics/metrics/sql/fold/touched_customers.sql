-- Grain: customer_id. Inputs: pending_days, pending_aliases, published_orders, marts.customer_value_history. Output:
-- temp table touched_customers: who has a change on a pending day, in its old or its new version, and the first such
-- day; or who was merged or parted, from the beginning.
create or replace temp table touched_customers as
select customer_id, min(changed_day) as from_day
from (
    select customer_id, valid_from as changed_day
    from marts.customer_value_history
    where valid_from in (select delivery_day from pending_days)
    union all
    select customer_id, delivery_day
    from published_orders
    where delivery_day in (select delivery_day from pending_days)
    union all
    select customer_id, date '0001-01-01'
    from pending_aliases
    where customer_id is not null
)
group by customer_id;

set variable first_touched_day = (select min(from_day) from touched_customers);

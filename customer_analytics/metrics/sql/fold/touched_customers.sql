-- Grain: customer_id. Inputs: next_days, pending_aliases, published_orders, marts.customer_value_history. Output: temp
-- table touched_customers: whose change rows say what is true no more, and from which day on. They have rows of a day's
-- old version, or rows of later days than their order; or were merged or parted, from the beginning. By the variables,
-- which are constants, scans leave out the blocks of earlier days.
set variable first_day = (select min(delivery_day) from next_days);

create or replace temp table touched_customers as
select customer_id, min(changed_day) as from_day
from (
    select customer_id, valid_from as changed_day
    from marts.customer_value_history
    where valid_from in (select delivery_day from next_days) and valid_to > getvariable('first_day')::date
    union all
    select orders.customer_id, orders.delivery_day
    from published_orders as orders
    inner join marts.customer_value_open as latest using (customer_id)
    where
        orders.delivery_day in (select delivery_day from next_days)
        and latest.valid_from > orders.delivery_day
        and latest.valid_from > getvariable('first_day')::date
    union all
    select customer_id, date '0001-01-01'
    from pending_aliases
    where customer_id is not null
)
group by customer_id;

set variable first_touched_day = (select min(from_day) from touched_customers);

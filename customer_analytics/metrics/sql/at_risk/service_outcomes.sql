-- Grain: as_of_date, customer_id. Inputs: learned_from, published_tickets, the rule as parameters, $horizon_days,
-- $known_on. Output: of each customer, whether the rule held at the end of any of the $horizon_days days after as_of_date,
-- in hindsight: by all tickets that were delivered by $known_on. The rule begins to hold on a day with a ticket; so it is
-- enough to look at these days, and at the first.
with known as (
    select customer_id, created_date::date as day, is_high_priority
    from published_tickets
    where delivery_day <= $known_on
),

asked as (
    select as_of_date, customer_id
    from learned_from
),

days_to_look_at as (
    select asked.as_of_date, asked.customer_id, known.day
    from asked
    inner join known
        on
            known.customer_id = asked.customer_id
            and known.day > asked.as_of_date
            and known.day <= asked.as_of_date + $horizon_days
    union
    select as_of_date, customer_id, as_of_date + 1
    from asked
),

met as (
    select looked.as_of_date, looked.customer_id
    from days_to_look_at as looked
    inner join known
        on
            known.customer_id = looked.customer_id
            and known.day > looked.day - $window_days
            and known.day <= looked.day
    group by looked.as_of_date, looked.customer_id, looked.day
    having
        count(*) >= $min_tickets
        or count(*) filter (known.is_high_priority) >= $min_high_priority_tickets
)

select (as_of_date, customer_id) in (select (as_of_date, customer_id) from met) as met_the_rule
from asked
order by as_of_date, customer_id;

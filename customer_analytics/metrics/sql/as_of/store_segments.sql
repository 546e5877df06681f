-- Grain: as_of_date, orders_at_least. Inputs: asked_days, value_segments. Output: marts.customer_value_segments has them.
delete from marts.customer_value_segments
where as_of_date in (select as_of_date from asked_days);

insert into marts.customer_value_segments by name
from value_segments
order by as_of_date, orders_at_least;

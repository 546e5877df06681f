-- Grain: one row. Inputs: published_orders. Output: the first delivery day of orders; null without any.
select min(delivery_day)
from published_orders;

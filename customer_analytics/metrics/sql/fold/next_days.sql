-- Grain: delivery_day. Inputs: pending_days, $batch_orders. Output: temp table next_days, the first pending days until they
-- have that many orders: those that are folded next. Days are folded in their order, so that what one batch adds is not
-- taken back by the next.
create or replace temp table next_days as
select delivery_day, revision
from pending_days
qualify sum(order_count) over (order by delivery_day) - order_count < $batch_orders;

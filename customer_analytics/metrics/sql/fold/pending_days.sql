-- Grain: delivery_day. Inputs: the ledger, marts.folded_days, marts.order_day_totals. Output: temp table pending_days: the
-- days whose published orders are not those that the change rows contain; revision is null where a day is no longer
-- published. marts.folded_days keeps those days only that the change rows have as they are published.
create or replace temp table pending_days as
select delivery_day, ledger.revision, coalesce(totals.order_count, 0) as order_count
from (select delivery_day, revision from quality.deliveries where source = 'orders') as ledger
full outer join marts.folded_days as folded using (delivery_day)
left join marts.order_day_totals as totals using (delivery_day)
where ledger.revision is distinct from folded.revision;

delete from marts.folded_days
where delivery_day in (select delivery_day from pending_days);

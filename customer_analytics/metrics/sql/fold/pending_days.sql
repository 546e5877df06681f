-- Grain: delivery_day. Inputs: the ledger, marts.folded_days. Output: temp table pending_days: the days whose published
-- orders are not those that the change rows contain; revision is null where a day is no longer published.
create or replace temp table pending_days as
select delivery_day, ledger.revision
from (select delivery_day, revision from quality.deliveries where source = 'orders') as ledger
full outer join marts.folded_days as folded using (delivery_day)
where ledger.revision is distinct from folded.revision;

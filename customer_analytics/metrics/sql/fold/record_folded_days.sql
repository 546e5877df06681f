-- Inputs: pending_days. Output: marts.folded_days says that the change rows contain them.
delete from marts.folded_days
where delivery_day in (select delivery_day from pending_days where revision is null);

insert or replace into marts.folded_days
select delivery_day, revision
from pending_days
where revision is not null;

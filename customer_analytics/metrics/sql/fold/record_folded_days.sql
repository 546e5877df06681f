-- Inputs: next_days. Output: marts.folded_days says that the change rows contain them, and they are pending no more.
insert into marts.folded_days
select delivery_day, revision
from next_days
where revision is not null;

delete from pending_days
where delivery_day in (select delivery_day from next_days);

-- Grain: customer_id. Inputs: marts.customer_aliases, marts.folded_aliases. Output: temp table pending_aliases: of every
-- alias that is not in the change rows as it is in the map, itself, and whom it stood and stands for.
create or replace temp table pending_aliases as
select distinct unnest([alias_id, present.customer_id, folded.customer_id]) as customer_id
from marts.customer_aliases as present
full outer join marts.folded_aliases as folded using (alias_id)
where present.customer_id is distinct from folded.customer_id;

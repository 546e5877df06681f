-- Grain: one row. Inputs: given_aliases, marts.customer_aliases. Output: how many aliases the two have not alike.
select count(*)
from given_aliases as given
full outer join marts.customer_aliases as stored using (alias_id)
where given.customer_id is distinct from stored.customer_id;

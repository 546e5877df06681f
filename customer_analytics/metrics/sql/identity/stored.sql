-- Grain: alias_id. Inputs: marts.customer_aliases. Output: the map that was stored last.
select alias_id, customer_id
from marts.customer_aliases;

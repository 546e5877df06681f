-- Inputs: marts.customer_aliases. Output: marts.folded_aliases says that the change rows contain them, and none are pending.
delete from marts.folded_aliases;

insert into marts.folded_aliases
from marts.customer_aliases;

delete from pending_aliases;

-- Inputs: given_aliases. Output: marts.customer_aliases is that map, and has a new revision.
delete from marts.customer_aliases;

insert into marts.customer_aliases by name
from given_aliases
order by alias_id;

insert into marts.alias_revisions
select nextval('quality.revisions');

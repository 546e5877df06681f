-- Grain: number. Inputs: given_pairs, marts.customer_aliases. Output: temp table asked_pairs, the given pairs, and
-- as customer_id whom asked_id stands for.
create or replace temp table asked_pairs as
select
    pairs.number,
    pairs.customer_id as asked_id,
    coalesce(aliases.customer_id, pairs.customer_id) as customer_id,
    pairs.as_of_date
from given_pairs as pairs
left join marts.customer_aliases as aliases on aliases.alias_id = pairs.customer_id;

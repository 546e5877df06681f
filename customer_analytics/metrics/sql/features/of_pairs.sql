-- Grain: number. Inputs: asked_pairs, asked_features. Output: the features that each pair asks for, under the id that
-- it asks with.
select features.* replace (pairs.asked_id as customer_id)
from asked_pairs as pairs
inner join asked_features as features using (as_of_date, customer_id)
order by pairs.number;

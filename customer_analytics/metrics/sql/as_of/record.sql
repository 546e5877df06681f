-- Grain: asset, as_of_date. Inputs: asked_days, the ledger. Output: marts.as_of_days says that $asset has these days.
insert or replace into marts.as_of_days
select $asset, as_of_date, marts.inputs_revision($sources, as_of_date), $run_id, $computed_at
from asked_days;

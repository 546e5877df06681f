-- Grain: one row. Inputs: the ledger, marts.alias_revisions. Output: the highest revision of what $sources have published,
-- or of the aliases.
select marts.inputs_revision($sources, 'infinity'::date);

-- Grain: one row. Inputs: pending_days, pending_aliases. Output: how much is not in the change rows yet.
select (select count(*) from pending_days) + (select count(*) from pending_aliases);

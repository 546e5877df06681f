-- Grain: decided_on. Inputs: $horizon, $first_day. Output: marts.champions has no decision of that day or later.
delete from marts.champions
where horizon_days = $horizon::integer and decided_on >= $first_day::date;

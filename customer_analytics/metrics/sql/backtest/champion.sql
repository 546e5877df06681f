-- Grain: one row, or none. Inputs: marts.champions, $day, $horizon, $target. Output: who was decided on last by $day.
select champion
from marts.champions
where decided_on <= $day::date and horizon_days = $horizon::integer and target = $target
order by decided_on desc
limit 1;

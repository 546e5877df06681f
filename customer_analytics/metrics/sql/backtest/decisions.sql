-- Grain: horizon_days, target, challenger. Inputs: marts.champions, $day. Output: the latest decision on each target that
-- was made by $day, spend first, and of each the best challenger first.
select
    horizon_days,
    target,
    challenger,
    incumbent,
    origins,
    first_origin,
    last_origin,
    incumbent_figure,
    challenger_figure,
    challenger_level,
    difference,
    low,
    high,
    verdict,
    champion
from marts.champions
where decided_on <= $day::date
qualify decided_on = max(decided_on) over (partition by horizon_days, target)
order by horizon_days, target desc, difference, challenger;

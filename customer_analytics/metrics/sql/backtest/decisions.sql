-- Grain: horizon_days, target, challenger. Inputs: marts.champions, $day. Output: the latest decision of each horizon that
-- was made by $day.
select
    horizon_days,
    decided_on,
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
qualify decided_on = max(decided_on) over (partition by horizon_days)
order by horizon_days, target, difference, challenger;

-- Grain: target, horizon_days, challenger. Inputs: marts.champions, $day. Output: the decisions that held on $day, the best
-- challenger first.
select
    target,
    horizon_days,
    incumbent,
    challenger,
    champion,
    verdict,
    origins,
    incumbent_figure,
    challenger_figure,
    challenger_level,
    difference,
    low,
    high
from marts.champions
where decided_on <= $day
qualify decided_on = max(decided_on) over (partition by target, horizon_days)
order by target desc, horizon_days, challenger_figure, challenger;

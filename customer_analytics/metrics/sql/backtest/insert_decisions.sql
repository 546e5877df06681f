-- Grain: target, challenger. Inputs: decided, $decided_on, $horizon. Output: marts.champions has the decision of the day.
insert into marts.champions
select
    $decided_on::date,
    $horizon::integer,
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
from decided;

-- Grain: origin, ascending. Inputs: marts.backtest_origins, $horizon. Output: every judged origin, and when it was known.
select origin, known_on
from marts.backtest_origins
where horizon_days = $horizon::integer
order by origin;

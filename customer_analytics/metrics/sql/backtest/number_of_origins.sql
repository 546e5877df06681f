-- Grain: horizon_days. Inputs: marts.backtest_origins, $day. Output: how many origins are known by $day.
select horizon_days, count(*) as origins
from marts.backtest_origins
where known_on <= $day::date
group by horizon_days
order by horizon_days;

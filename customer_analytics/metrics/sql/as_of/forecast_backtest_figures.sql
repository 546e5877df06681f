-- Grain: as_of_date. Inputs: asked_days, marts.forecast_backtest. Output: rows that are known by each day, and what is
-- plotted: the number of past month ends at which forecasts were judged.
select
    asked.as_of_date,
    count(judged.origin) as row_count,
    count(distinct judged.origin) as origins
from asked_days as asked
left join marts.forecast_backtest as judged on judged.known_on <= asked.as_of_date
group by asked.as_of_date
order by asked.as_of_date;

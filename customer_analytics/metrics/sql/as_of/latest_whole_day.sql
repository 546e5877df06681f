-- Grain: one row or none. Inputs: marts.as_of_days, $assets. Output: the latest day that all of them have, and when the last
-- of them was computed.
select as_of_date, max(computed_at) as computed_at
from marts.as_of_days
where list_contains($assets::varchar[], asset)
group by as_of_date
having count(*) = len($assets::varchar[])
order by as_of_date desc
limit 1;

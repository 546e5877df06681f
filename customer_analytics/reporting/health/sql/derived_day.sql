-- Grain: asset. Inputs: marts.as_of_days, audits, $assets, $day. Output: for every asset whether it has the day, and what
-- its checks that did not pass have found.
select
    asked.asset,
    days.asset is not null as is_computed,
    coalesce(
        list({'check_name': checks.check_name, 'outcome': checks.outcome, 'found': checks.found} order by checks.check_name)
        filter (checks.check_name is not null),
        []
    ) as findings
from (select unnest($assets::varchar[]) as asset) as asked
left join marts.as_of_days as days on days.asset = asked.asset and days.as_of_date = $day
left join quality.audits as checks
    on checks.dataset = asked.asset and checks.day = $day and checks.outcome <> 'passed'
group by asked.asset, days.asset
order by list_position($assets, asked.asset);

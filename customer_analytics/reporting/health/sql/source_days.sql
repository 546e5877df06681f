-- Grain: source, delivery_day. Inputs: the ledger, audits, scores, without_delivery, $sources, $days. Output: for every
-- source and asked day whether it is expected and published, how much of it was set aside, and what its checks say.
with asked as (
    select sources.source, days.delivery_day
    from (select unnest($sources::varchar[]) as source) as sources
    cross join (select unnest($days::date[]) as delivery_day) as days
),

checks as (
    select
        dataset,
        day,
        list(check_name order by check_name) filter (outcome = 'failed') as failed,
        list(check_name order by check_name) filter (outcome = 'warned') as warned
    from quality.audits
    where list_contains($sources, dataset) and day between list_min($days) and list_max($days)
    group by dataset, day
)

select
    asked.source,
    asked.delivery_day,
    coalesce(
        not (
            list_contains(quiet.weekdays, isodow(asked.delivery_day))
            or list_contains(quiet.days, asked.delivery_day)
        ),
        true
    ) as is_expected,
    ledger.source is not null as is_published,
    ledger.accepted,
    ledger.quarantined,
    scores.score,
    coalesce(checks.failed, []) as failed,
    coalesce(checks.warned, []) as warned
from asked
left join quality.deliveries as ledger using (source, delivery_day)
left join quality.scores as scores using (source, delivery_day)
left join quality.without_delivery as quiet on quiet.source = asked.source
left join checks on checks.dataset = asked.source and checks.day = asked.delivery_day
order by list_position($sources, asked.source), asked.delivery_day;

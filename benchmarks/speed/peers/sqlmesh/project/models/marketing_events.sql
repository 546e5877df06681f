MODEL (
    name whole_job.marketing_events,
    kind FULL,
    description 'Good records, each event_id once.'
);

select * exclude (broken_rule)
from whole_job.staged_marketing_events
where broken_rule is null
qualify row_number() over (partition by event_id order by event_date) = 1;

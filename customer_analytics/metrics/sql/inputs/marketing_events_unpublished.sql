-- As inputs/marketing_events.sql while no day of events has ever been published: the view is empty.
create or replace temp view published_events as
select
    null::date as delivery_day,
    null::varchar as event_id,
    null::varchar as customer_id,
    null::timestamp as event_date,
    null::varchar as event_type,
    null::boolean as is_reaction
where false;

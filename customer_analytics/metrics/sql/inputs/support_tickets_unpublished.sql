-- As inputs/support_tickets.sql while no day of tickets has ever been published: the view is empty.
create or replace temp view published_tickets as
select
    null::date as delivery_day,
    null::varchar as ticket_id,
    null::varchar as customer_id,
    null::timestamp as created_date,
    null::timestamp as resolved_date,
    null::boolean as is_high_priority
where false;

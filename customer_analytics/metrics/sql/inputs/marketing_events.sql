-- Grain: one published event. Inputs: sources.marketing_events, marts.customer_aliases. Output: temp view
-- published_events. A reaction is what the customer did: opened, clicked, looked at.
create or replace temp view published_events as
select
    events.delivery_day,
    events.event_id,
    coalesce(aliases.customer_id, events.customer_id) as customer_id,
    events.event_date,
    events.event_type,
    events.event_type in ('email_open', 'email_click', 'campaign_view') as is_reaction
from sources.marketing_events as events
left join marts.customer_aliases as aliases on aliases.alias_id = events.customer_id;

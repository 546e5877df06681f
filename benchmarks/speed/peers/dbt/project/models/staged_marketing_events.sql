-- Events as they are delivered, with the rule that a bad one breaks.
select
    event_id,
    customer_id,
    event_type,
    event_date,
    campaign_id,
    case
        when customer_id is null then 'not_null'
        when event_type not in ('email_sent', 'email_open', 'email_click', 'campaign_view', 'unsubscribe') then 'isin'
    end as broken_rule
from read_parquet('{{ var("landing") }}' || '/marketing_events/*/marketing_events.parquet')

-- Inputs: the variable landing. Output: tables orders, support_tickets and marketing_events (bad records keep the rule
-- that they break), customer_lifetime_value and at_risk as of the last day, and the view totals.
set preserve_insertion_order = false;

create table orders as
select
    order_id,
    customer_id,
    order_date,
    try_cast(total_amount as decimal(18, 2)) as amount,
    status,
    case
        when customer_id is null then 'not_null'
        when amount is null then 'type'
        when status not in ('pending', 'paid', 'shipped', 'delivered', 'completed', 'cancelled', 'refunded') then 'isin'
    end as broken_rule
from read_csv(
    getvariable('landing') || '/orders/*/orders.csv',
    auto_detect = false,
    header = true,
    delim = ',',
    columns = {
        'order_id': 'varchar',
        'customer_id': 'varchar',
        'order_date': 'timestamp',
        'total_amount': 'varchar',
        'status': 'varchar'
    }
);

update orders
set broken_rule = 'unique'
from (select order_id, min(rowid) as kept from orders where broken_rule is null group by order_id having count(*) > 1) as twice
where orders.order_id = twice.order_id and orders.rowid > twice.kept;

create table support_tickets as
select
    *,
    case
        when customer_id is null then 'not_null'
        when priority not in ('low', 'medium', 'high', 'urgent') then 'isin'
    end as broken_rule
from read_json(
    getvariable('landing') || '/support_tickets/*/support_tickets.jsonl',
    format = 'newline_delimited',
    columns = {
        'ticket_id': 'varchar',
        'customer_id': 'varchar',
        'created_date': 'timestamp',
        'category': 'varchar',
        'priority': 'varchar',
        'resolved_date': 'timestamp'
    }
);

update support_tickets
set broken_rule = 'unique'
from (
    select ticket_id, min(rowid) as kept from support_tickets where broken_rule is null group by ticket_id having count(*) > 1
) as twice
where support_tickets.ticket_id = twice.ticket_id and support_tickets.rowid > twice.kept;

create table marketing_events as
select
    *,
    case
        when customer_id is null then 'not_null'
        when event_type not in ('email_sent', 'email_open', 'email_click', 'campaign_view', 'unsubscribe') then 'isin'
    end as broken_rule
from read_parquet(getvariable('landing') || '/marketing_events/*/marketing_events.parquet');

update marketing_events
set broken_rule = 'unique'
from (
    select event_id, min(rowid) as kept from marketing_events where broken_rule is null group by event_id having count(*) > 1
) as twice
where marketing_events.event_id = twice.event_id and marketing_events.rowid > twice.kept;

create table customer_lifetime_value as
select
    customer_id,
    sum(amount) as total_revenue,
    count(*) filter (status <> 'refunded') as order_count,
    round(total_revenue / nullif(order_count, 0), 2) as avg_order_value,
    min(order_date) filter (status <> 'refunded') as first_order_date,
    max(order_date) filter (status <> 'refunded') as last_order_date,
    coalesce(last_order_date::date - first_order_date::date + 1, 0) as lifetime_days,
    greatest(0, round(total_revenue * lifetime_days * 2 / 365, 2)) as estimated_clv
from orders
where broken_rule is null and status <> 'cancelled'
group by customer_id;

create table at_risk as
select customer_id
from support_tickets
where broken_rule is null and created_date >= (select max(created_date)::date - 29 from support_tickets)
group by customer_id
having count(*) >= 3 or count(*) filter (priority in ('high', 'urgent')) >= 2;

create view totals as
with broken as (
    select broken_rule, count(*) as records
    from (
        select broken_rule from orders
        union all
        select broken_rule from support_tickets
        union all
        select broken_rule from marketing_events
    )
    group by broken_rule
)

select
    sum(records) filter (broken_rule is null)::bigint as accepted,
    sum(records) filter (broken_rule is not null)::bigint as quarantined,
    map(
        list(broken_rule) filter (broken_rule is not null), list(records) filter (broken_rule is not null)
    ) as rules,
    (select count(*) from customer_lifetime_value) as customers,
    (select sum(total_revenue)::varchar from customer_lifetime_value) as revenue,
    (select round(sum(estimated_clv))::bigint from customer_lifetime_value) as clv,
    (select count(*) from at_risk) as at_risk
from broken;

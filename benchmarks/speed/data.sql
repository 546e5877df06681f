-- Deliveries of one day, made up. Grain: one record. Inputs: numbers of the records from first_row to before end_row, the
-- delivery day, how many customers there are, the share of bad records, a seed. Output: macros that give the records as
-- text (delivered_...) and, for Parquet, with types (typed_...).

-- A number from 0 to below 1 that looks drawn, and is always the same for the same number, purpose and seed.
create temp macro chance(number, purpose, seed) as hash(number, purpose, seed) / 18446744073709551616.0;

create temp macro one_of(choices, number, purpose, seed) as
choices[1 + cast(floor(len(choices) * chance(number, purpose, seed)) as bigint)];

-- Some customers come far more often than others.
create temp macro customer_of(number, customers, seed) as
format('C{:08d}', cast(floor(customers * chance(number, 'customer', seed) ^ 2) as bigint));

-- The n-th record of a day happens in its n-th part.
create temp macro moment_of(day, number, first_row, end_row) as
day + to_seconds(cast(floor(86400 * (number - first_row) / (end_row - first_row)) as bigint));

-- What is wrong with each record, or null. Only every other one can be wrong, so that what is repeated is good: a
-- repeated record has the number of the one before.
create temp macro numbered(first_row, end_row, bad_share, seed) as table
select
    if(defect = 'repeated', row_number - 1, row_number) as number,
    defect
from (
    select
        range as row_number,
        if(
            (range - first_row) % 2 = 1 and chance(range, 'bad', seed) < 2 * bad_share,
            one_of(['customer', 'amount', 'choice', 'repeated'], range, 'defect', seed),
            null
        ) as defect
    from range(first_row, end_row)
);

-- One order in 25 is a refund, one in 50 cancelled.
create temp macro delivered_orders(first_row, end_row, day, customers, bad_share, seed) as table
select
    format('O{:010d}', number) as order_id,
    if(defect = 'customer', null, customer_of(number, customers, seed)) as customer_id,
    strftime(moment_of(day, number, first_row, end_row), '%Y-%m-%d %H:%M:%S') as order_date,
    case
        when defect = 'amount' then 'n/a'
        else cast(
            cast(
                if(chance(number, 'refund', seed) < 0.04 and defect is distinct from 'choice', -1, 1) * (5 + 195 * chance(number, 'amount', seed) ^ 3)
                as decimal(18, 2)
            ) as varchar
        )
    end as total_amount,
    case
        when defect = 'choice' then 'lost'
        when chance(number, 'refund', seed) < 0.04 then 'refunded'
        when chance(number, 'cancelled', seed) < 0.02 then 'cancelled'
        else one_of(['pending', 'paid', 'shipped', 'delivered', 'completed'], number, 'status', seed)
    end as status
from numbered(first_row, end_row, bad_share, seed);

create temp macro delivered_support_tickets(first_row, end_row, day, customers, bad_share, seed) as table
select
    format('T{:010d}', number) as ticket_id,
    if(defect in ('customer', 'amount'), null, customer_of(number, customers, seed)) as customer_id,
    strftime(moment_of(day, number, first_row, end_row), '%Y-%m-%d %H:%M:%S') as created_date,
    one_of(['delivery', 'payment', 'returns', 'account', 'product'], number, 'category', seed) as category,
    case
        when defect = 'choice' then 'extreme'
        else one_of(['low', 'low', 'low', 'medium', 'medium', 'medium', 'high', 'urgent'], number, 'priority', seed)
    end as priority,
    if(
        chance(number, 'resolved', seed) < 0.7,
        strftime(
            moment_of(day, number, first_row, end_row)
            + to_minutes(cast(floor(2880 * chance(number, 'effort', seed)) as bigint)),
            '%Y-%m-%d %H:%M:%S'
        ),
        null
    ) as resolved_date
from numbered(first_row, end_row, bad_share, seed);

create temp macro delivered_marketing_events(first_row, end_row, day, customers, bad_share, seed) as table
select
    format('E{:010d}', number) as event_id,
    if(defect in ('customer', 'amount'), null, customer_of(number, customers, seed)) as customer_id,
    case
        when defect = 'choice' then 'email_lost'
        when chance(number, 'type', seed) < 0.001 then 'unsubscribe'
        else one_of(['email_sent', 'email_sent', 'email_open', 'email_click', 'campaign_view'], number, 'type', seed)
    end as event_type,
    strftime(moment_of(day, number, first_row, end_row), '%Y-%m-%d %H:%M:%S') as event_date,
    format('M{:04d}', cast(floor(100 * chance(number, 'campaign', seed)) as bigint)) as campaign_id
from numbered(first_row, end_row, bad_share, seed);

-- What is not an amount has no type, and is null there.
create temp macro typed_orders(first_row, end_row, day, customers, bad_share, seed) as table
select * replace (
    cast(order_date as timestamp) as order_date,
    try_cast(total_amount as decimal(18, 2)) as total_amount
)
from delivered_orders(first_row, end_row, day, customers, bad_share, seed);

create temp macro typed_support_tickets(first_row, end_row, day, customers, bad_share, seed) as table
select * replace (
    cast(created_date as timestamp) as created_date,
    cast(resolved_date as timestamp) as resolved_date
)
from delivered_support_tickets(first_row, end_row, day, customers, bad_share, seed);

create temp macro typed_marketing_events(first_row, end_row, day, customers, bad_share, seed) as table
select * replace (cast(event_date as timestamp) as event_date)
from delivered_marketing_events(first_row, end_row, day, customers, bad_share, seed);

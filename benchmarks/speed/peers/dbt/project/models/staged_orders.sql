-- Orders as they are delivered, typed, with the rule that a bad one breaks.
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
    '{{ var("landing") }}' || '/orders/*/orders.csv',
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
)

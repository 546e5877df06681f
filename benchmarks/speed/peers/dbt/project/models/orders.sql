-- Good records, each order_id once.
select * exclude (broken_rule)
from {{ ref('staged_orders') }}
where broken_rule is null
qualify row_number() over (partition by order_id order by order_date) = 1

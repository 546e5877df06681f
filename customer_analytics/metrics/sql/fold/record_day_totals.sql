-- Grain: delivery_day. Inputs: the ledger, published_orders. Output: marts.order_day_totals has the sums of every published
-- day; those of days that were published or corrected since are read anew.
delete from marts.order_day_totals
where (delivery_day, revision) not in (select (delivery_day, revision) from quality.deliveries where source = 'orders');

insert into marts.order_day_totals
with missing as (
    select delivery_day, ledger.revision
    from quality.deliveries as ledger
    anti join marts.order_day_totals using (delivery_day)
    where ledger.source = 'orders'
),

sums as (
    select
        delivery_day,
        sum(revenue) as revenue,
        count(*) filter (not is_refund) as order_count
    from published_orders
    where delivery_day in (select delivery_day from missing)
    group by delivery_day
)

select missing.delivery_day, missing.revision, coalesce(sums.revenue, 0), coalesce(sums.order_count, 0)
from missing
left join sums using (delivery_day);

-- Grain: paid_occasions, mean_spend to half a percent. Inputs: forecast_customers. Output: how many customers have each,
-- and the exact means over them; paid_share is that of all customers' occasions. Sums are of decimals, because sums of
-- doubles depend on their order.
select
    cast(paid_occasions as double) as occasions,
    cast(sum(cast(mean_spend as decimal(38, 6))) as double) / count(*) as mean_spend,
    cast(sum(cast(ln(mean_spend) as decimal(38, 12))) as double) / count(*) as mean_log_spend,
    cast(count(*) as double) as customers,
    (select cast(sum(paid_occasions) as double) / sum(frequency + 1) from forecast_customers) as paid_share
from forecast_customers
where paid_occasions > 0
group by paid_occasions, round(200 * ln(mean_spend))
order by paid_occasions, round(200 * ln(mean_spend));

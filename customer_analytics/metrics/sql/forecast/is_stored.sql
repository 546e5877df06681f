-- Grain: one row. Inputs: marts.as_of_days, marts.customer_value_forecast, the ledger. Output: whether $asset has rows of
-- $day, from what is published now.
select
    exists (
        select 1
        from marts.as_of_days
        where
            asset = $asset
            and as_of_date = $day
            and inputs_revision = marts.inputs_revision($sources, $day::date)
    )
    and exists (select 1 from marts.customer_value_forecast where as_of_date = $day);

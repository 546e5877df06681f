-- Grain: as_of_date. Inputs: marts.as_of_days, marts.customer_features, the ledger, $asset, $sources, $days,
-- $feature_version. Output: those of $days of which rows are stored that were made from what is published now.
select computed.as_of_date
from marts.as_of_days as computed
where
    computed.asset = $asset
    and computed.as_of_date in (select unnest($days::date[]))
    and computed.inputs_revision = marts.inputs_revision($sources, computed.as_of_date)
    and computed.as_of_date in (
        select stored.as_of_date
        from marts.customer_features as stored
        where stored.feature_version = $feature_version and stored.as_of_date in (select unnest($days::date[]))
    );

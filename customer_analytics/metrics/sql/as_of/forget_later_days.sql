-- Inputs: asked_days, marts.as_of_days. Output: marts.as_of_days of $asset, whose rows follow from those of the day before.
-- Where a day is there for the first time, those after it followed from less and are stale now.
update marts.as_of_days
set inputs_revision = -1
where
    asset = $asset
    and as_of_date not in (select as_of_date from asked_days)
    and as_of_date > (
        select min(asked.as_of_date)
        from asked_days as asked
        anti join (select as_of_date from marts.as_of_days where asset = $asset) as computed using (as_of_date)
    );

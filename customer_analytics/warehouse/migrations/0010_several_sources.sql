-- Version 10: what is derived may be made from several sources, and depends on who is who.

-- The highest revision of `source_names`, a list, among the days that end with `day`: all of them, or the last `window_days`;
-- or that of the aliases, where it is higher and there is anything at all.
create or replace macro marts.inputs_revision(source_names, day, window_days) as (
    select if(
        count(*) = 0, 0, greatest(max(revision), (select coalesce(max(revision), 0) from marts.alias_revisions))
    )
    from quality.deliveries
    where
        list_contains(source_names, source)
        and delivery_day <= day
        and (window_days is null or delivery_day > day - window_days)
);

-- Version 13: of every source all days count, however long ago.

-- The highest revision of `source_names`, a list, among the days that end with `day`; or that of the aliases, where it is
-- higher and there is anything at all.
create or replace macro marts.inputs_revision(source_names, day) as (
    select if(
        count(*) = 0, 0, greatest(max(revision), (select coalesce(max(revision), 0) from marts.alias_revisions))
    )
    from quality.deliveries
    where list_contains(source_names, source) and delivery_day <= day
);

-- Version 15: on which days a source delivers nothing, so that nobody misses them.

-- Grain: source. As its schedule said when it was loaded last. Without a key: where the disk is full, DuckDB could not
-- take back that a row with the same one was replaced.
create table quality.without_delivery (
    source varchar not null,
    weekdays integer[] not null,        -- 1 is Monday, 7 is Sunday
    days date[] not null
);

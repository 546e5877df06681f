-- Version 15: on which days a source delivers nothing, so that nobody misses them.

-- Grain: source. As its schedule said when it was loaded last.
create table quality.without_delivery (
    source varchar primary key,
    weekdays integer[] not null,        -- 1 is Monday, 7 is Sunday
    days date[] not null
);

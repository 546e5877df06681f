-- Version 4: when days were there, and how long that took.

-- Grain: dataset, day. When a day of a source, or of what is derived, was there for the first time. Later versions do
-- not move it.
create table quality.timeline (
    dataset varchar not null,
    day date not null,
    landed_at timestamp,                -- UTC, the time of the flag; null where the day is derived
    started_at timestamp not null,      -- UTC, when the run began with it
    published_at timestamp not null,    -- UTC
    primary key (dataset, day)
);

-- Grain: dataset, run_id. What a run did for a dataset, and how long it took.
create table quality.loads (
    dataset varchar not null,
    run_id varchar not null,
    days bigint not null,               -- that were published
    records bigint not null,            -- delivered in them; where derived: rows computed
    bytes bigint not null,              -- of their files, compressed as they are; 0 where derived
    seconds double not null,
    ended_at timestamp not null,        -- UTC
    primary key (dataset, run_id)
);

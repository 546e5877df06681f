-- Version 1: what is known about deliveries. A source's own table is made from its contract.

create schema sources;
create schema quality;

create sequence quality.revisions;

-- Grain: source, delivery_day. The ledger: what is published, and that every record of it is accounted for.
create table quality.deliveries (
    source varchar not null,
    delivery_day date not null,
    fingerprint varchar not null,       -- SHA-256 over the delivered files' names and content
    records bigint not null,
    accepted bigint not null,
    quarantined bigint not null,
    ignored bigint not null,            -- blank lines
    contract_version varchar not null,
    rules_fingerprint varchar not null, -- SHA-256 over contract and policy
    content_hash hugeint not null,      -- over the published rows, whatever their order
    revision bigint not null,           -- grows whenever a day's published content changes; what is derived compares it
    run_id varchar not null,
    published_at timestamp not null,    -- UTC
    primary key (source, delivery_day),
    check (records = accepted + quarantined + ignored)
);

-- Grain: source, delivery_day. The latest try to load a day, whatever came of it: what a sensor has already seen to.
create table quality.attempts (
    source varchar not null,
    delivery_day date not null,
    number bigint not null,             -- 1 for the first try of the day
    signature varchar not null,         -- names, sizes and times of the delivered files
    fingerprint varchar,                -- as in the ledger; null where the files could not be read
    rules_fingerprint varchar not null,
    is_published boolean not null,
    run_id varchar not null,
    attempted_at timestamp not null,    -- UTC
    primary key (source, delivery_day)
);

-- Grain: one quarantined record.
create table quality.quarantine (
    source varchar not null,
    delivery_day date not null,
    file varchar not null,
    line bigint not null,               -- 1 is the first line of the file; in Parquet the first row
    byte_offset bigint,                 -- in the decompressed file; null in Parquet
    raw blob not null,                  -- the record as delivered; in Parquet its JSON
    reasons struct("rule" varchar, "column" varchar, message varchar)[] not null,
    contract_version varchar not null,
    run_id varchar not null,
    quarantined_at timestamp not null,  -- UTC
    released_at timestamp               -- UTC
);

-- Grain: source, delivery_day, column. What accepted records look like.
create table quality.profiles (
    source varchar not null,
    delivery_day date not null,
    "column" varchar not null,
    rows bigint not null,
    nulls bigint not null,
    "distinct" bigint not null,
    "min" varchar,
    "max" varchar,
    mean double,
    primary key (source, delivery_day, "column")
);

-- Grain: dataset, day, check. The latest audit of each day, also of days that were held back.
create table quality.audits (
    dataset varchar not null,
    day date not null,
    check_name varchar not null,
    outcome varchar not null check (outcome in ('passed', 'warned', 'failed')),
    expected varchar not null,
    found varchar not null,
    fingerprint varchar,                -- the delivery that was audited; null where the day is derived
    run_id varchar not null,
    audited_at timestamp not null,      -- UTC
    primary key (dataset, day, check_name)
);

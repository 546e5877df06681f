-- Version 3: correcting what was set aside, changing contracts, and what a day's republication changed.

-- The texts of a quarantined record by promised column, as they were judged: delivered, or corrected. Null where it
-- could not be cut into cells. Raw and cells are erased when their retention ends; the reasons stay, and the count.
alter table quality.quarantine add column cells map(varchar, varchar);
alter table quality.quarantine alter column raw drop not null;
-- released_at: when the record, corrected, was published. Such a row is history: the record is not quarantined any more.

-- Grain: one record that a republication of its day added, removed or changed.
create table quality.changes (
    source varchar not null,
    delivery_day date not null,
    key varchar not null,               -- of the record
    change varchar not null check (change in ('added', 'removed', 'changed')),
    before map(varchar, varchar),       -- what the record lost, by column: values that changed, or all; null when erased
    after map(varchar, varchar),        -- what it gained
    run_id varchar not null,
    changed_at timestamp not null       -- UTC
);

-- Grain: source, version. Every version of a contract under which something was loaded.
create table quality.contracts (
    source varchar not null,
    version varchar not null,           -- semantic version
    fingerprint varchar not null,       -- SHA-256 over all that is promised
    document varchar not null,          -- the contract in the Open Data Contract Standard
    recorded_at timestamp not null,     -- UTC
    primary key (source, version)
);

-- Grain: one change of a published table, made so that it fits a newer contract or newly delivered columns.
create table quality.table_changes (
    source varchar not null,
    statement varchar not null,         -- the SQL that was executed
    why varchar not null,
    contract_version varchar not null,
    run_id varchar not null,
    changed_at timestamp not null       -- UTC
);

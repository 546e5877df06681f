-- What alerting remembers. Times are UTC, ISO 8601.

-- Grain: one incident, from its first sighting to its end. At most one of a key is open.
create table if not exists incidents (
    id integer primary key,
    key text not null,
    kind text not null,
    subject text not null,
    severity text not null,
    title text not null,
    details text not null,              -- JSON: list of lines
    days text not null,                 -- JSON: list of days
    owners text not null,               -- JSON: list
    affected text not null,             -- JSON: list of lines
    to_do text not null,
    link text not null,
    opened_at text not null,
    changed_at text not null,           -- when what is told of it changed last
    told_at text,                       -- when the latest message about it was written
    resolved_at text
);
create unique index if not exists one_open_incident on incidents (key) where resolved_at is null;

-- Grain: one message to one address of a channel. It counts as sent only after it was.
create table if not exists messages (
    id integer primary key,
    incident_id integer references incidents (id),  -- null where it gathers several
    channel text not null,
    purpose text not null,              -- opened, updated or resolved
    severity text not null,
    title text not null,
    body text not null,
    written_at text not null,
    attempts integer not null default 0,
    next_attempt_at text not null,
    last_error text,
    sent_at text,
    sent_with integer references messages (id)      -- the message that it was gathered into
);

-- Grain: one day of outputs that was announced downstream, in the version that was announced last.
create table if not exists announced_days (
    day text primary key,
    version text not null
);

-- Grain: one call of one webhook.
create table if not exists calls (
    id text primary key,                -- the webhook-id: the same for every attempt
    webhook text not null,
    body text not null,
    written_at text not null,
    attempts integer not null default 0,
    next_attempt_at text not null,
    last_error text,
    delivered_at text,
    given_up_at text
);

-- One row: since when deadlines are watched.
create table if not exists watch (
    since text not null
);

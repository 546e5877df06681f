-- What alerting remembers. Times are UTC, ISO 8601.

-- Grain: one incident, from its first sighting to its end. At most one of a key is open.
create table if not exists incidents (
    id integer primary key,
    key text not null,
    kind text not null,
    subject text not null,
    severity text not null,             -- the highest that it has had
    title text not null,
    details text not null,              -- JSON: list of lines
    days text not null,                 -- JSON: list of every day that it has had
    owners text not null,               -- JSON: list
    affected text not null,             -- JSON: list of lines
    to_do text not null,
    link text not null,
    opened_at text not null,
    told_at text not null,              -- when it was last written about to all who know of it
    has_news integer not null,          -- 1: it has changed since then
    unseen_since text,                  -- since when its problem has not been seen; null while it is
    resolved_at text
);
create unique index if not exists one_open_incident on incidents (key) where resolved_at is null;

-- Grain: one attempt to send to one address. It is written before the attempt, as if that had failed: so it counts
-- against the address's hour even where the process dies, and an address that fails is not asked again at once.
create table if not exists sends (
    id integer primary key,
    address text not null,
    begun_at text not null,
    messages integer not null,          -- how many it tells, in one
    failures integer not null,          -- how many in a row have failed, this one included; 0: it was sent
    next_at text not null,              -- nothing goes to the address before
    error text                          -- why it failed; null also where the process died
);
create index if not exists sends_of_address on sends (address, begun_at);

-- Grain: one message about one incident to one address: a channel and the place of a URL in it, like on_call#1.
-- It counts as sent only after it was.
create table if not exists messages (
    id integer primary key,
    incident_id integer not null references incidents (id),
    address text not null,
    purpose text not null,              -- opened, updated or resolved
    severity text not null,
    title text not null,
    body text not null,
    written_at text not null,
    sent_at text,
    sent_in integer references sends (id)
);
create index if not exists waiting_messages on messages (address, id) where sent_at is null;
create unique index if not exists told_once on messages (incident_id, address, purpose) where purpose <> 'updated';

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

-- One row: since when deadlines are watched, when the latest look was, and since when there was one every few minutes.
create table if not exists watch (
    since text not null,
    looked_at text not null,
    unbroken_since text not null
);

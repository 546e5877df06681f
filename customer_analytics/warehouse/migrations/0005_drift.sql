-- Version 5: what days are judged by beside their limits: profiles are the history of the check drift, and every audited
-- day has a quality score.

alter table quality.profiles add column deviation double;   -- the standard deviation; null as mean is
alter table quality.profiles add column quarantined bigint; -- records set aside for this column; null before version 5

-- Grain: source, delivery_day. How good the delivery is that was audited last, from 0 to 1, and the parts that multiply
-- to it. A delivery that could not be read has none.
create table quality.scores (
    source varchar not null,
    delivery_day date not null,
    score double not null,
    parts map(varchar, double) not null,
    run_id varchar not null,
    audited_at timestamp not null,      -- UTC
    primary key (source, delivery_day)
);

-- Version 8: how good the forecasts were, at past month ends, and which of them are used.

-- Grain: origin, horizon_days. The month ends that have been judged; rows come and go with those of forecast_backtest.
create table marts.backtest_origins (
    origin date not null,
    horizon_days integer not null,
    known_on date not null,             -- origin + horizon_days: the outcome is over
    customers bigint not null,          -- who had ordered by the origin
    inputs_revision bigint not null,    -- the highest revision among the inputs up to known_on; a change judges it again
    judged_on date not null,            -- the latest day that was asked for when it was judged
    run_id varchar not null,
    computed_at timestamp not null,     -- UTC
    primary key (origin, horizon_days)
);

-- Grain: origin, horizon_days, model, segment, measure. A measure that is not defined has no row.
create table marts.forecast_backtest (
    origin date not null,
    horizon_days integer not null,
    model varchar not null,
    segment varchar not null check (segment in ('all', 'recently_active')),
    measure varchar not null,
    value double not null,
    low double,                         -- 95 of 100 resamplings of the customers lie between low and high
    high double,
    customers bigint not null,          -- who was judged by
    known_on date not null,
    draws double[]                      -- the resamplings, where candidates are compared by the measure
);

-- Grain: decided_on, horizon_days, target, challenger. How each challenger did against the model in use until then.
create table marts.champions (
    decided_on date not null,
    horizon_days integer not null,
    target varchar not null check (target in ('spend', 'no_order')),
    challenger varchar not null,
    incumbent varchar not null,         -- in use until then
    origins bigint not null,            -- month ends at which both were judged
    first_origin date not null,
    last_origin date not null,
    incumbent_figure double not null,   -- spend: mean absolute error in currency units; no_order: Brier score
    challenger_figure double not null,
    challenger_level double,            -- spend: forecast over spent, of all customers; null where nothing was spent
    difference double not null,         -- challenger less incumbent: below 0 is better
    low double,
    high double,
    verdict varchar not null check (verdict in ('wins', 'ties', 'loses')),  -- loses with high < 0: by its level
    champion varchar not null           -- in use from decided_on on
);

-- Grain: origin, horizon_days. Inputs: $origin, $horizon, $customers, $inputs_revision, $judged_on, $run_id, $computed_at.
-- Output: marts.backtest_origins says that the origin is judged.
insert or replace into marts.backtest_origins
values (
    $origin::date,
    $horizon::integer,
    $origin::date + $horizon::integer,
    $customers,
    $inputs_revision,
    $judged_on,
    $run_id,
    $computed_at
);

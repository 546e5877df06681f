-- Inputs: the ledger, and what was learned as parameters. Output: marts.learned_forecasts has it.
insert or replace into marts.learned_forecasts
select
    $horizon,
    $known_on,
    $target,
    marts.inputs_revision($sources, $known_on::date),
    $origins::date[],
    $names::varchar[],
    $means::double[],
    $deviations::double[],
    $coefficients::double[],
    $intercept;

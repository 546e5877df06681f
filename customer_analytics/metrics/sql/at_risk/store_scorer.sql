-- Grain: learned_on. Inputs: the scorer as parameters, the ledger. Output: marts.service_risk_scorers has it.
insert or replace into marts.service_risk_scorers
select
    $learned_on,
    marts.inputs_revision(['support_tickets'], $learned_on::date),
    $names,
    $means,
    $deviations,
    $coefficients,
    $intercept;

-- Grain: one row or none. Inputs: marts.service_risk_scorers, the ledger. Output: the scorer of $learned_on, unless tickets
-- of a day up to it have been published or corrected since.
select names, means, deviations, coefficients, intercept
from marts.service_risk_scorers
where
    learned_on = $learned_on
    and inputs_revision = marts.inputs_revision(['support_tickets'], $learned_on::date);

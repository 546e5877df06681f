-- Grain: target. Inputs: marts.learned_forecasts, the ledger, $known_on, $horizon, $sources. Output: what was learned,
-- unless something that was known by $known_on has been published or corrected since.
select target, names, means, deviations, coefficients, intercept
from marts.learned_forecasts
where
    horizon_days = $horizon
    and known_on = $known_on
    and inputs_revision = marts.inputs_revision($sources, $known_on::date)
order by target;

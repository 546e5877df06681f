-- Grain: as_of_date. Inputs: asked_days, marts.model_fits. Output: the labels of the fits that the day's forecast was made
-- with; a day on which nobody had ordered has nothing to fit.
with fits as (
    select
        as_of_date,
        sum(customers) as customers,
        bool_and(label = 'ok') as is_ok,
        string_agg(format('{}: {}', model, label), ', ' order by model) as labels
    from marts.model_fits
    group by as_of_date
)

select
    asked.as_of_date,
    if(coalesce(fits.is_ok or fits.customers = 0, true), 'passed', 'warned') as outcome,
    'every fit ok' as expected,
    coalesce(fits.labels, 'nothing to fit') as found,
    [] as sample
from asked_days as asked
left join fits using (as_of_date);

-- Grain: as_of_date. Inputs: asked_days, marts.model_fits. Output: the labels of the fits that the day's forecast was made
-- with. That few data leave much to the prior is no fault; that a fit was tried and failed is one.
with fits as (
    select
        as_of_date,
        bool_or(label = 'fallback' and was_tried) as has_failed,
        string_agg(format('{}: {}', model, label), ', ' order by model) as labels
    from marts.model_fits
    group by as_of_date
)

select
    asked.as_of_date,
    if(coalesce(fits.has_failed, false), 'warned', 'passed') as outcome,
    'every model fitted' as expected,
    coalesce(fits.labels, 'nothing to fit') as found,
    [] as sample
from asked_days as asked
left join fits using (as_of_date);

-- Grain: one row or none. Inputs: marts.model_fits, $model, $day. Output: the model's latest fit of before $day that the
-- data had a part in.
select names, parameters, log_likelihood, label, customers
from marts.model_fits
where model = $model and as_of_date < $day::date and label <> 'fallback'
order by as_of_date desc
limit 1;

-- Inputs: a fit as parameters. Output: marts.model_fits has it.
insert into marts.model_fits
select $day, $model, $label, $customers, $log_likelihood, $was_tried, $names::varchar[], $parameters::double[];

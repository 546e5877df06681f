-- Inputs: $days. Output: marts.customer_features without these days.
delete from marts.customer_features
where as_of_date in (select unnest($days::date[]));

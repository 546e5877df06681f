-- Inputs: asked_days. Output: marts.at_risk_customers without these days.
delete from marts.at_risk_customers
where as_of_date in (select as_of_date from asked_days);

-- Inputs: $day. Output: marts.at_risk_customers without this day.
delete from marts.at_risk_customers
where as_of_date = $day;

-- Grain: as_of_date. Inputs: $day, the policy as $names and $numbers. Output: marts.at_risk_policies says by what numbers
-- the day was listed.
insert or replace into marts.at_risk_policies
select $day, map($names::varchar[], $numbers::double[]);

-- Grain: as_of_date. Inputs: $days. Output: temp table asked_days, the days that the statements after it are about.
create or replace temp table asked_days as
select distinct unnest($days::date[]) as as_of_date;

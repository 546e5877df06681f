-- Grain: as_of_date, customer_id. Inputs: $stored_days, marts.customer_features. Output: temp view asked_features, the rows
-- that are stored of $stored_days, and those of temp table made_features, which is empty.
create or replace temp table made_features as
from marts.customer_features
where false;

create or replace temp table stored_days (as_of_date date);

create or replace temp view asked_features as
from made_features
union all by name
from marts.customer_features
where as_of_date in (select as_of_date from stored_days);

insert into stored_days
select unnest($stored_days::date[]);

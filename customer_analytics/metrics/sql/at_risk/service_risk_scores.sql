-- Grain: as_of_date, customer_id. Inputs: service_risk_scored. Output: temp table service_risk_scores.
create or replace temp table service_risk_scores as
select as_of_date, customer_id, service_risk_score
from service_risk_scored;

-- Grain: one row. Inputs: published_tickets. Output: the first day of tickets, or null.
select min(delivery_day)
from published_tickets;

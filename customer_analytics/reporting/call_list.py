"""The list of a day for a spreadsheet: who is on it, why, what to do, and who is held out."""

from datetime import date
from pathlib import Path

import duckdb

from customer_analytics.landing.spreadsheet import spreadsheet_csv
from customer_analytics.reporting.files import replace_file

COLUMNS = (
    "call_rank",
    "customer_id",
    "outreach",
    "reasons",
    "recommended_action",
    "value_at_risk",
    "no_order_probability_90d",
    "service_risk_score",
    "tickets_30d",
    "high_priority_tickets_30d",
    "large_refund",
    "is_disengaged",
    "entered_on",
    "as_of_date",
)

# Whoever is held out must not be called: the difference to the others is what outreach is worth.
_LISTED = f"""
select {", ".join(COLUMNS)}
from (
    select
        * replace (
            if(is_held_out, null, call_rank) as call_rank,
            array_to_string(reasons, '; ') as reasons,
            cast(value_at_risk as double) as value_at_risk,
            cast(large_refund as double) as large_refund,
            if(is_disengaged, 'yes', 'no') as is_disengaged,
            cast(entered_on as varchar) as entered_on,
            cast(as_of_date as varchar) as as_of_date
        ),
        case when is_held_out then 'hold out' when call_today then 'call' else 'later' end as outreach
    from marts.at_risk_customers
    where as_of_date = $day and is_listed
)
order by call_rank nulls last, customer_id
"""


def call_list_name(day: date) -> str:
    """What the file of a day is called."""
    return f"at_risk_{day}.csv"


def write_call_list(connection: duckdb.DuckDBPyConnection, day: date, folder: Path) -> Path:
    """Write everyone on the list of ``day`` into ``folder``, who is to be called first comes first; gives the file.

    ``outreach`` is ``call`` (today), ``later`` or ``hold out``. Texts are as ``spreadsheet.harmless`` makes them.

    Raises:
        OSError: it cannot be written; names it.
    """
    path = folder / call_list_name(day)
    replace_file(path, spreadsheet_csv(COLUMNS, connection.execute(_LISTED, {"day": day}).fetchall()))
    return path

"""When which defect is planted: by source, by offset (days) in the planted cycle; a kind named twice is planted twice.

Of the kinds of one day the last one that is a raw line ends its file: that is where a trailer belongs.
"""

from datetime import date, timedelta

from customer_analytics.demo.days import Today
from customer_analytics.demo.records import Source

_SATURDAY = 5

_TIMETABLE: dict[Source, dict[int, tuple[str, ...]]] = {
    "orders": {
        12: (
            *("missing customer_id",) * 2,
            "empty order_id",
            "amount with a currency sign",
            "amount with a decimal comma",
            *("unknown status",) * 2,
            *("blank line",) * 2,
        ),
        25: (
            "amount with an underscore",
            *("amount with three decimals",) * 2,
            "amount that is not a number",
            "amount beyond range",
            *("negative amount that is no refund",) * 2,
            "byte order mark and CRLF",
        ),
        33: (
            "30 February",
            *("US-style date",) * 2,
            *("epoch milliseconds",) * 2,
            "year 290000",
            *("date in the future",) * 2,
            "infinite date",
        ),
        47: ("header in another order and case", *("blank line",) * 3),
        58: (
            "same id, same content",
            "same id, other content",
            *("zero-width character in an id",) * 2,
            "direction character in an id",
            "NUL byte",
        ),
        66: (
            *("too few columns",) * 2,
            *("too many columns",) * 2,
            "repeated header",
            "comment line",
            "TOTAL trailer",
        ),
        78: (
            "invalid UTF-8",
            "hexadecimal amount",
            "infinite amount",
            *("missing customer_id",) * 3,
            "date of zeros",
            "no final newline",
        ),
        85: (
            *("amount with a currency sign",) * 2,
            "amount with a decimal comma",
            *("date in the future",) * 2,
            "same id, other content",
            *("too few columns",) * 2,
            "TOTAL trailer",
        ),
    },
    # The desk is the smallest source: few defects a day, or a day would be mostly defects.
    "support_tickets": {
        12: ("missing customer_id", "unknown priority", *("blank line",) * 2),
        25: ("malformed JSON", "JSON null", "resolved before created"),
        33: ("JSON array", "nested value", "byte order mark and CRLF"),
        47: ("duplicate JSON keys", "two objects on a line", "30 February", "line break in text"),
        58: (
            "same id, same content",
            "same id, other content",
            "zero-width character in an id",
            "epoch milliseconds",
            "JSON number",
        ),
        66: (
            "lone surrogate",
            "NUL character",
            "invalid UTF-8",
            "absent customer_id",
            "spreadsheet formula in text",
            "markup in text",
        ),
        78: (*("malformed JSON",) * 2, "unknown priority", *("resolved before created",) * 2, "blank line"),
        85: (*("missing customer_id",) * 2, "two objects on a line", "trailing comma", "JSON null"),
    },
    "marketing_events": {
        12: (*("missing customer_id",) * 3, *("unknown event type",) * 2),
        25: (*("malformed JSON",) * 2, *("epoch milliseconds",) * 3),
        33: (*("empty event_id",) * 2, *("zero-width character in an id",) * 3),
        47: ("same id, same content", "same id, other content", *("date of another day",) * 4),
        58: (*("two objects on a line",) * 2, *("missing customer_id",) * 2),
        66: ("JSON null", *("nested value",) * 2, *("unknown event type",) * 3),
        78: (*("date of another day",) * 5, "malformed JSON"),
        85: (*("missing customer_id",) * 4, *("zero-width character in an id",) * 2, *("blank line",) * 2),
    },
}


def kinds_on(source: Source, today: Today) -> tuple[str, ...]:
    """The kinds that are planted in the source's delivery of the day, in the order of the file."""
    start_of_cycle = today.date - timedelta(days=today.offset)
    for offset, kinds in _TIMETABLE[source].items():
        if _working_day(start_of_cycle + timedelta(days=offset)) == today.date:
            return kinds
    return ()


def _working_day(day: date) -> date:
    # On a weekend the desk has so few tickets that a handful of defects would be a large share of them.
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day

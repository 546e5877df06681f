"""What goes wrong in deliveries: the table of all kinds, what must become of them, and how many are planted."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from customer_analytics.demo import spoiling as how
from customer_analytics.demo.days import Today
from customer_analytics.demo.records import SOURCES, Source
from customer_analytics.demo.timetable import kinds_on

Outcome = Literal["quarantined", "ignored", "accepted"]
QUARANTINED: Outcome = "quarantined"
IGNORED: Outcome = "ignored"
ACCEPTED: Outcome = "accepted"


@dataclass(frozen=True)
class Defect:
    """A kind of defect in a source: `spoil` makes one more record, `reshape` changes whole text files instead."""

    source: Source
    kind: str
    outcome: Outcome
    spoil: how.Spoil | None = None
    reshape: how.Reshape | None = None


@dataclass(frozen=True)
class Planted:
    """How many raw records a kind adds to a delivery: one row or line each, 0 where it only reshapes the files."""

    source: Source
    day: date
    kind: str
    outcome: Outcome
    records: int


ORDERS, TICKETS, EVENTS = SOURCES

# Where an id is repeated, the earlier record is good and stays; the planted one is quarantined.
DEFECTS: tuple[Defect, ...] = (
    Defect(ORDERS, "missing customer_id", QUARANTINED, how.with_value("customer_id", None)),
    Defect(ORDERS, "empty order_id", QUARANTINED, how.with_value("order_id", "")),
    Defect(ORDERS, "negative amount that is no refund", QUARANTINED, how.negative_sale),
    Defect(ORDERS, "amount with a currency sign", QUARANTINED, how.with_value("total_amount", "$1.50")),
    Defect(ORDERS, "amount with a decimal comma", QUARANTINED, how.with_value("total_amount", "1,50")),
    Defect(ORDERS, "amount with an underscore", QUARANTINED, how.with_value("total_amount", "1_000")),
    Defect(ORDERS, "amount with three decimals", QUARANTINED, how.with_value("total_amount", "12.345")),
    Defect(ORDERS, "amount that is not a number", QUARANTINED, how.with_value("total_amount", "NaN")),
    Defect(ORDERS, "amount beyond range", QUARANTINED, how.with_value("total_amount", "1e400")),
    Defect(ORDERS, "infinite amount", QUARANTINED, how.with_value("total_amount", "Infinity")),
    Defect(ORDERS, "hexadecimal amount", QUARANTINED, how.with_value("total_amount", "0x1F")),
    Defect(ORDERS, "unknown status", QUARANTINED, how.with_value("status", "teleported")),
    Defect(ORDERS, "30 February", QUARANTINED, how.with_moment("order_date", "{0:%Y}-02-30T{0:%H:%M:%S}Z".format)),
    Defect(ORDERS, "US-style date", QUARANTINED, how.with_moment("order_date", "{:%m/%d/%Y %H:%M}".format)),
    Defect(ORDERS, "epoch milliseconds", QUARANTINED, how.with_moment("order_date", how.epoch_milliseconds)),
    Defect(ORDERS, "year 290000", QUARANTINED, how.with_value("order_date", "290000-01-01T00:00:00Z")),
    Defect(ORDERS, "infinite date", QUARANTINED, how.with_value("order_date", "infinity")),
    Defect(ORDERS, "date of zeros", QUARANTINED, how.with_value("order_date", "0000-00-00T00:00:00Z")),
    Defect(ORDERS, "date in the future", QUARANTINED, how.with_moment("order_date", how.later(days=40))),
    Defect(ORDERS, "same id, same content", QUARANTINED, how.repeated),
    Defect(ORDERS, "same id, other content", QUARANTINED, how.contradicted("total_amount", "999.99")),
    Defect(ORDERS, "zero-width character in an id", QUARANTINED, how.with_inserted("customer_id", "\u200b")),
    Defect(ORDERS, "direction character in an id", QUARANTINED, how.with_inserted("customer_id", "\u202e")),
    Defect(ORDERS, "NUL byte", QUARANTINED, how.with_inserted("customer_id", "\0")),
    Defect(ORDERS, "invalid UTF-8", QUARANTINED, how.invalid_utf8),
    Defect(ORDERS, "too few columns", QUARANTINED, how.csv_line(lambda text: text.rsplit(",", 1)[0])),
    Defect(ORDERS, "too many columns", QUARANTINED, how.csv_line(lambda text: f"{text},EUR")),
    Defect(ORDERS, "repeated header", QUARANTINED, how.repeated_header),
    Defect(ORDERS, "comment line", QUARANTINED, how.line("# exported by shop-export 4.2")),
    Defect(ORDERS, "TOTAL trailer", QUARANTINED, how.line("TOTAL,,,18250.75,")),
    Defect(ORDERS, "blank line", IGNORED, how.line("")),
    Defect(ORDERS, "byte order mark and CRLF", ACCEPTED, reshape=how.byte_order_mark_and_crlf),
    Defect(ORDERS, "header in another order and case", ACCEPTED, reshape=how.header_in_other_order_and_case),
    Defect(ORDERS, "no final newline", ACCEPTED, reshape=how.no_final_newline),
    Defect(TICKETS, "missing customer_id", QUARANTINED, how.with_value("customer_id", None)),
    Defect(TICKETS, "absent customer_id", QUARANTINED, how.without_column("customer_id")),
    Defect(TICKETS, "unknown priority", QUARANTINED, how.with_value("priority", "whenever")),
    Defect(TICKETS, "resolved before created", QUARANTINED, how.resolved_before_created),
    Defect(TICKETS, "30 February", QUARANTINED, how.with_moment("created_date", "{0:%Y}-02-30T{0:%H:%M:%S}Z".format)),
    Defect(TICKETS, "epoch milliseconds", QUARANTINED, how.with_epoch_number("created_date")),
    Defect(TICKETS, "same id, same content", QUARANTINED, how.repeated),
    Defect(TICKETS, "same id, other content", QUARANTINED, how.contradicted("category", "lost parcel")),
    Defect(TICKETS, "zero-width character in an id", QUARANTINED, how.with_inserted("customer_id", "\u200b")),
    Defect(TICKETS, "NUL character", QUARANTINED, how.with_inserted("customer_id", "\0")),
    Defect(TICKETS, "lone surrogate", QUARANTINED, how.json_line(lambda text: text.replace("C-", "C\\ud800"))),
    Defect(TICKETS, "invalid UTF-8", QUARANTINED, how.invalid_utf8_json),
    Defect(TICKETS, "malformed JSON", QUARANTINED, how.json_line(lambda text: text[: len(text) // 2])),
    Defect(TICKETS, "trailing comma", QUARANTINED, how.json_line(lambda text: text.replace("}", ",}"))),
    Defect(
        TICKETS, "duplicate JSON keys", QUARANTINED, how.json_line(lambda t: t.replace("}", ', "priority": "low"}'))
    ),
    Defect(TICKETS, "JSON null", QUARANTINED, how.line("null")),
    Defect(TICKETS, "JSON number", QUARANTINED, how.line("42")),
    Defect(TICKETS, "JSON array", QUARANTINED, how.json_line(lambda text: f"[{text}]")),
    Defect(TICKETS, "nested value", QUARANTINED, how.with_nested("customer_id")),
    Defect(TICKETS, "two objects on a line", QUARANTINED, how.json_line(lambda text: f"{text} {text}")),
    Defect(TICKETS, "blank line", IGNORED, how.line("")),
    Defect(TICKETS, "line break in text", ACCEPTED, how.with_value("category", "delivery\n(see photo)")),
    Defect(TICKETS, "spreadsheet formula in text", ACCEPTED, how.with_value("category", "=cmd|'/C calc'!A0")),
    Defect(TICKETS, "markup in text", ACCEPTED, how.with_value("category", "<script>alert(1)</script>")),
    Defect(TICKETS, "byte order mark and CRLF", ACCEPTED, reshape=how.byte_order_mark_and_crlf),
    Defect(EVENTS, "missing customer_id", QUARANTINED, how.with_value("customer_id", None)),
    Defect(EVENTS, "empty event_id", QUARANTINED, how.with_value("event_id", "")),
    Defect(EVENTS, "unknown event type", QUARANTINED, how.with_value("event_type", "email_eaten")),
    Defect(EVENTS, "date of another day", QUARANTINED, how.with_moment("event_date", how.later(days=1))),
    Defect(EVENTS, "same id, same content", QUARANTINED, how.repeated),
    Defect(EVENTS, "same id, other content", QUARANTINED, how.contradicted("campaign_id", "spring-sale")),
    Defect(EVENTS, "zero-width character in an id", QUARANTINED, how.with_inserted("customer_id", "\u200b")),
    Defect(EVENTS, "epoch milliseconds", QUARANTINED, how.with_epoch_number("event_date")),
    Defect(EVENTS, "malformed JSON", QUARANTINED, how.json_line(lambda text: text[: len(text) // 2])),
    Defect(EVENTS, "JSON null", QUARANTINED, how.line("null")),
    Defect(EVENTS, "nested value", QUARANTINED, how.with_nested("customer_id")),
    Defect(EVENTS, "two objects on a line", QUARANTINED, how.json_line(lambda text: f"{text} {text}")),
    Defect(EVENTS, "blank line", IGNORED, how.line("")),
)
_BY_NAME = {(defect.source, defect.kind): defect for defect in DEFECTS}


def defects_on(source: Source, today: Today) -> tuple[Defect, ...]:
    """The defects of the source's delivery of the day, one entry for each record or shape."""
    return tuple(_BY_NAME[source, kind] for kind in kinds_on(source, today))


def planted(first_day: date, days: int) -> tuple[Planted, ...]:
    """What `land_demo` plants in those days; the seed makes no difference to it.

    A delivery's bad records are the sum of `records` over its rows whose outcome is `quarantined`.
    """
    return tuple(
        Planted(source, today.date, defect.kind, defect.outcome, times if defect.spoil else 0)
        for today in (Today(index, first_day + timedelta(days=index)) for index in range(days))
        for source in SOURCES
        for defect, times in Counter(defects_on(source, today)).items()
    )

"""What goes wrong in deliveries: the table of all kinds."""

from dataclasses import dataclass

from customer_analytics.demo import spoiling as how
from customer_analytics.demo.days import Today
from customer_analytics.demo.records import SOURCES, Source
from customer_analytics.demo.timetable import kinds_on


@dataclass(frozen=True)
class Defect:
    """A kind of defect in a source: `spoil` makes one more record, `reshape` changes whole text files instead."""

    source: Source
    kind: str
    spoil: how.Spoil | None = None
    reshape: how.Reshape | None = None


ORDERS, TICKETS, EVENTS = SOURCES

DEFECTS: tuple[Defect, ...] = (
    Defect(ORDERS, "missing customer_id", how.with_value("customer_id", None)),
    Defect(ORDERS, "empty order_id", how.with_value("order_id", "")),
    Defect(ORDERS, "negative amount that is no refund", how.negative_sale),
    Defect(ORDERS, "amount with a currency sign", how.with_value("total_amount", "$1.50")),
    Defect(ORDERS, "amount with a decimal comma", how.with_value("total_amount", "1,50")),
    Defect(ORDERS, "amount with an underscore", how.with_value("total_amount", "1_000")),
    Defect(ORDERS, "amount with three decimals", how.with_value("total_amount", "12.345")),
    Defect(ORDERS, "amount that is not a number", how.with_value("total_amount", "NaN")),
    Defect(ORDERS, "amount beyond range", how.with_value("total_amount", "1e400")),
    Defect(ORDERS, "infinite amount", how.with_value("total_amount", "Infinity")),
    Defect(ORDERS, "hexadecimal amount", how.with_value("total_amount", "0x1F")),
    Defect(ORDERS, "unknown status", how.with_value("status", "teleported")),
    Defect(ORDERS, "30 February", how.with_moment("order_date", "{0:%Y}-02-30T{0:%H:%M:%S}Z".format)),
    Defect(ORDERS, "US-style date", how.with_moment("order_date", "{:%m/%d/%Y %H:%M}".format)),
    Defect(ORDERS, "epoch milliseconds", how.with_moment("order_date", how.epoch_milliseconds)),
    Defect(ORDERS, "year 290000", how.with_value("order_date", "290000-01-01T00:00:00Z")),
    Defect(ORDERS, "infinite date", how.with_value("order_date", "infinity")),
    Defect(ORDERS, "date of zeros", how.with_value("order_date", "0000-00-00T00:00:00Z")),
    Defect(ORDERS, "date in the future", how.with_moment("order_date", how.later(days=40))),
    Defect(ORDERS, "same id, same content", how.repeated),
    Defect(ORDERS, "same id, other content", how.contradicted("total_amount", "999.99")),
    Defect(ORDERS, "zero-width character in an id", how.with_inserted("customer_id", "\u200b")),
    Defect(ORDERS, "direction character in an id", how.with_inserted("customer_id", "\u202e")),
    Defect(ORDERS, "NUL byte", how.with_inserted("customer_id", "\0")),
    Defect(ORDERS, "invalid UTF-8", how.invalid_utf8),
    Defect(ORDERS, "too few columns", how.csv_line(lambda text: text.rsplit(",", 1)[0])),
    Defect(ORDERS, "too many columns", how.csv_line(lambda text: f"{text},EUR")),
    Defect(ORDERS, "repeated header", how.repeated_header),
    Defect(ORDERS, "comment line", how.line("# exported by shop-export 4.2")),
    Defect(ORDERS, "TOTAL trailer", how.line("TOTAL,,,18250.75,")),
    Defect(ORDERS, "blank line", how.line("")),
    Defect(ORDERS, "byte order mark and CRLF", reshape=how.byte_order_mark_and_crlf),
    Defect(ORDERS, "header in another order and case", reshape=how.header_in_other_order_and_case),
    Defect(ORDERS, "no final newline", reshape=how.no_final_newline),
    Defect(TICKETS, "missing customer_id", how.with_value("customer_id", None)),
    Defect(TICKETS, "absent customer_id", how.without_column("customer_id")),
    Defect(TICKETS, "unknown priority", how.with_value("priority", "whenever")),
    Defect(TICKETS, "resolved before created", how.resolved_before_created),
    Defect(TICKETS, "30 February", how.with_moment("created_date", "{0:%Y}-02-30T{0:%H:%M:%S}Z".format)),
    Defect(TICKETS, "epoch milliseconds", how.with_epoch_number("created_date")),
    Defect(TICKETS, "same id, same content", how.repeated),
    Defect(TICKETS, "same id, other content", how.contradicted("category", "lost parcel")),
    Defect(TICKETS, "zero-width character in an id", how.with_inserted("customer_id", "\u200b")),
    Defect(TICKETS, "NUL character", how.with_inserted("customer_id", "\0")),
    Defect(TICKETS, "lone surrogate", how.json_line(lambda text: text.replace("C-", "C\\ud800"))),
    Defect(TICKETS, "invalid UTF-8", how.invalid_utf8_json),
    Defect(TICKETS, "malformed JSON", how.json_line(lambda text: text[: len(text) // 2])),
    Defect(TICKETS, "trailing comma", how.json_line(lambda text: text.replace("}", ",}"))),
    Defect(TICKETS, "duplicate JSON keys", how.json_line(lambda t: t.replace("}", ', "priority": "low"}'))),
    Defect(TICKETS, "JSON null", how.line("null")),
    Defect(TICKETS, "JSON number", how.line("42")),
    Defect(TICKETS, "JSON array", how.json_line(lambda text: f"[{text}]")),
    Defect(TICKETS, "nested value", how.with_nested("customer_id")),
    Defect(TICKETS, "two objects on a line", how.json_line(lambda text: f"{text} {text}")),
    Defect(TICKETS, "blank line", how.line("")),
    Defect(TICKETS, "line break in text", how.with_value("category", "delivery\n(see photo)")),
    Defect(TICKETS, "spreadsheet formula in text", how.with_value("category", "=cmd|'/C calc'!A0")),
    Defect(TICKETS, "markup in text", how.with_value("category", "<script>alert(1)</script>")),
    Defect(TICKETS, "byte order mark and CRLF", reshape=how.byte_order_mark_and_crlf),
    Defect(EVENTS, "missing customer_id", how.with_value("customer_id", None)),
    Defect(EVENTS, "empty event_id", how.with_value("event_id", "")),
    Defect(EVENTS, "unknown event type", how.with_value("event_type", "email_eaten")),
    Defect(EVENTS, "date of another day", how.with_moment("event_date", how.later(days=1))),
    Defect(EVENTS, "same id, same content", how.repeated),
    Defect(EVENTS, "same id, other content", how.contradicted("campaign_id", "spring-sale")),
    Defect(EVENTS, "zero-width character in an id", how.with_inserted("customer_id", "\u200b")),
    Defect(EVENTS, "epoch milliseconds", how.with_epoch_number("event_date")),
    Defect(EVENTS, "malformed JSON", how.json_line(lambda text: text[: len(text) // 2])),
    Defect(EVENTS, "JSON null", how.line("null")),
    Defect(EVENTS, "nested value", how.with_nested("customer_id")),
    Defect(EVENTS, "two objects on a line", how.json_line(lambda text: f"{text} {text}")),
    Defect(EVENTS, "blank line", how.line("")),
)
_BY_NAME = {(defect.source, defect.kind): defect for defect in DEFECTS}


def defects_on(source: Source, today: Today) -> tuple[Defect, ...]:
    """The defects of the source's delivery of the day, one entry for each record or shape."""
    return tuple(_BY_NAME[source, kind] for kind in kinds_on(source, today))

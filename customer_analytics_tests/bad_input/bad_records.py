"""Records that are wrong as a whole: their encoding, their shape, their place among the others."""

from typing import Any

from customer_analytics_tests.bad_input.between import (
    UTF8_MARK,
    between,
    csv_cells,
    csv_record,
    json_cells,
    json_record,
    json_text,
    parquet_cells,
    text_cell,
)
from customer_analytics_tests.bad_input.cases import Quarantined, Reason
from customer_analytics_tests.bad_input.records import csv_line, good, json_line, texts
from customer_analytics_tests.scenario import ORDERS, ORDERS_HEADER, TICKETS

Cases = tuple[Quarantined, ...]

ENCODING: Reason = ("encoding", None)
COLUMNS: Reason = ("columns", None)
QUOTES: Reason = ("quotes", None)
NOT_JSON: Reason = ("json", None)
TWICE: Reason = ("unique", "order_id")

ORDER = csv_line(list(texts(good(ORDERS)[1]).values()))
JSON_ORDER = json_line(good(ORDERS)[1])
TICKET = json_line(good(TICKETS)[1])
FIVE: tuple[Reason, ...] = (
    ("visible_characters", "order_id"),
    ("not_null", "customer_id"),
    ("type", "order_date"),
    ("type", "total_amount"),
    ("isin", "status"),
)
TOTAL_REASONS: tuple[Reason, ...] = tuple(("not_null", column) for column in ("customer_id", "order_date", "status"))


def garbled(variant: str, inserted: bytes) -> Cases:
    """A text record in which a customer's id has these bytes."""
    return (
        csv_record("invalid UTF-8", variant, ORDER.encode().replace(b"C-5", b"C-" + inserted), ENCODING),
        json_record("invalid UTF-8", variant, TICKET.encode().replace(b"C-5", b"C-" + inserted), ENCODING),
    )


_ENCODINGS: Cases = (
    *garbled("bytes that begin nothing", b"\xff\xfe"),
    *garbled("overlong", b"\xc0\xaf"),
    *garbled("Latin-1", "Zoë".encode("latin-1")),
    *garbled("cut off in a character", "é".encode()[:1]),
    *garbled("beyond Unicode", b"\xf4\x90\x80\x80"),
    csv_record("a lone surrogate", "in UTF-8", ORDER.encode().replace(b"C-5", b"C-\xed\xa0\x80"), ENCODING),
    json_record("a lone surrogate", "in UTF-8", TICKET.encode().replace(b"C-5", b"C-\xed\xb0\x80"), ENCODING),
    json_text("a lone surrogate", "high, escaped", "C-5", "C-\\ud800", NOT_JSON),
    json_text("a lone surrogate", "low, escaped", "C-5", "C-\\udc00", NOT_JSON),
    *text_cell("NUL", "in an id", "customer_id", "C\0-5", ("type", "customer_id")),
    *text_cell("NUL", "in text", "category", "delivery\0", ("type", "category"), source=TICKETS),
    json_text("NUL", "raw", "C-5", "C\0", NOT_JSON),
)

_SHAPES: Cases = (
    csv_record("too few or too many columns", "one too few", "O-5,C-5,2026-03-10,1.00", COLUMNS),
    csv_record("too few or too many columns", "one alone", "O-5", COLUMNS),
    csv_record("too few or too many columns", "one too many", "O-5,C-5,2026-03-10,1.00,paid,EUR", COLUMNS),
    csv_record("too few or too many columns", "one too many, empty", ORDER + ",", COLUMNS),
    csv_record("too few or too many columns", "one too many, in quotes", f',"O-5",{ORDER[4:]}', COLUMNS),
    csv_record("too few or too many columns", "decimal comma without quotes", ORDER.replace("7.25", "7,25"), COLUMNS),
    csv_record("too few or too many columns", "another delimiter", ORDER.replace(",", ";"), COLUMNS),
    csv_record("too few or too many columns", "over two lines", '"O-5\n",C-5,2026-03-10,1.00', COLUMNS),
    csv_record("a repeated header line", "as it was", ORDERS_HEADER.strip(), ("repeated_header", None)),
    csv_record("a repeated header line", "in capitals", ORDERS_HEADER.strip().upper(), ("repeated_header", None)),
    csv_record("a comment line", "of an exporter", "# exported by shop-export 4.2", COLUMNS),
    json_record("a comment line", "of an exporter", "# exported by shop-export 4.2", NOT_JSON, source=ORDERS),
    json_record("a comment line", "before the object", "/* exported */ " + JSON_ORDER, NOT_JSON, source=ORDERS),
    csv_record("a TOTAL trailer", "with all columns", "TOTAL,,,18250.75,", *TOTAL_REASONS),
    csv_record("a TOTAL trailer", "short", "TOTAL,18250.75", COLUMNS),
    json_record("a TOTAL trailer", "short", '{"order_id": "TOTAL", "total_amount": 18250.75}', *TOTAL_REASONS,
                source=ORDERS),
    parquet_cells("a TOTAL trailer", "with all columns",
                  {"order_id": "TOTAL", "customer_id": None, "order_date": None, "status": None}, *TOTAL_REASONS),
    csv_record("quotes that enclose no whole cell", "inside", f'"O-"5",{ORDER[4:]}', QUOTES),
    csv_record("quotes that enclose no whole cell", "text behind", f'"O-5"x,{ORDER[4:]}', QUOTES),
    json_text("a malformed JSON line", "cut off", ', "priority": "high", "resolved_date": null}', "", NOT_JSON),
    json_text("a malformed JSON line", "trailing comma", "null}", "null,}", NOT_JSON),
    json_text("a malformed JSON line", "trailing comma in what is left out", "null}", 'null, "a": [1, ]}', NOT_JSON),
    json_text("a malformed JSON line", "trailing comma, nested", "null}", 'null, "more": {"a": 1,}}', NOT_JSON),
    json_text("a malformed JSON line", "single quotes", '"C-5"', "'C-5'", NOT_JSON),
    json_text("a malformed JSON line", "name without quotes", '"priority"', "priority", NOT_JSON),
    json_text("a malformed JSON line", "raw control character", "C-5", "C\x01", NOT_JSON),
    json_text("a malformed JSON line", "escape that is none", "C-5", "C\\x35", NOT_JSON),
    json_text("a malformed JSON line", "NaN for a text", '"C-5"', "NaN", NOT_JSON),
    json_text("a malformed JSON line", "Infinity for a text", '"C-5"', "-Infinity", NOT_JSON),
    json_text("a malformed JSON line", "number that begins with zero", '"C-5"', "05", NOT_JSON),
    json_record("a malformed JSON line", "CSV", ORDER, NOT_JSON, source=ORDERS),
    json_record("a malformed JSON line", "bracket of a pretty-printed file", "[", NOT_JSON),
    json_record("a malformed JSON line", "comma behind the object", TICKET + ",", NOT_JSON),
    json_text("duplicate JSON keys", "another value", "null}", 'null, "priority": "low"}', ("json_keys", None)),
    json_text("duplicate JSON keys", "same value", "null}", 'null, "priority": "high"}', ("json_keys", None)),
    json_text("duplicate JSON keys", "once escaped", "null}", 'null, "pri\\u006frity": "low"}', ("json_keys", None)),
    json_text("duplicate JSON keys", "unknown name", "null}", 'null, "a": 1, "a": 2}', ("json_keys", None)),
    json_record("two objects on a line", "blank between", f"{TICKET} {TICKET}", NOT_JSON),
    json_record("two objects on a line", "nothing between", TICKET + TICKET.replace("T-5", "T-6"), NOT_JSON),
    json_record("null or an array as a line", "null", "null", NOT_JSON),
    json_record("null or an array as a line", "array of an object", f"[{TICKET}]", NOT_JSON),
    json_record("null or an array as a line", "number", "42", NOT_JSON),
    json_record("null or an array as a line", "text", '"T-5"', NOT_JSON),
    json_record("null or an array as a line", "truth value", "true", NOT_JSON),
    json_record("null or an array as a line", "empty object", "{}",
                *(("not_null", name) for name in texts(good(TICKETS)[1]) if name != "resolved_date")),
    json_cells("a nested value where a scalar is promised", "object", {"customer_id": {"id": "C-5"}}, ("nested", None)),
    json_cells("a nested value where a scalar is promised", "array", {"status": ["paid"]}, ("nested", None)),
    json_cells("a nested value where a scalar is promised", "empty array", {"total_amount": []}, ("nested", None)),
)  # fmt: skip

_SAME = texts(good(ORDERS)[0])
_REPEATED = {column: value for column, value in _SAME.items() if value is not None}
_AMONG_OTHERS: Cases = (
    csv_cells("a duplicate id", "same content", _REPEATED, TWICE),
    json_cells("a duplicate id", "same content", good(ORDERS)[0], TWICE),
    parquet_cells("a duplicate id", "same content", good(ORDERS)[0], TWICE),
    *text_cell("the same id with different content", "good but for that", "order_id", "O-1", TWICE),
    csv_cells("the same id with different content", "and bad besides", {"order_id": "O-1", "status": "no"}, TWICE,
              ("isin", "status")),
    json_cells("the same id with different content", "and bad besides", {"order_id": "O-1", "status": "no"}, TWICE,
               ("isin", "status")),
    parquet_cells("the same id with different content", "and bad besides", {"order_id": "O-1", "status": "no"}, TWICE,
                  ("isin", "status")),
    csv_record("every reason that applies", "five at once", "\u200b,,never,much,no", *FIVE),
    json_cells("every reason that applies", "five at once",
               {"order_id": "\u200b", "customer_id": None, "order_date": "never", "total_amount": True, "status": "no"},
               *FIVE),
    parquet_cells("every reason that applies", "five at once",
                  {"order_id": "\u200b", "customer_id": None, "order_date": "never", "total_amount": "much",
                   "status": "no"}, *FIVE),
)  # fmt: skip


def places(variant: str, **surroundings: Any) -> Cases:
    """Several bad records of different lengths, and blank lines, in a file that is written in this way."""
    kind = "the place of a bad record"
    null: tuple[Reason, ...] = (("not_null", "customer_id"),)
    return (
        between(
            kind,
            variant,
            "csv",
            [
                ('"O-é",,2026-03-10,1.00,paid', null),
                ("", ()),
                ('O-3,"C-3\nbelow",2026-03-10,1.00,paid', (("visible_characters", "customer_id"),)),
                (b"O-4,\xff,2026-03-10,1.00,paid", (ENCODING,)),
                (" \t", ()),
                ("O-5", (COLUMNS,)),
            ],
            source=ORDERS,
            **surroundings,
        ),
        between(
            kind,
            variant,
            "jsonl",
            [
                (TICKET.replace("delivery", "é").replace('"C-5"', "null"), null),
                ("", ()),
                (TICKET.replace("C-5", "\\u2028"), (("visible_characters", "customer_id"),)),
                (b'{"ticket_id": "\xff"}', (ENCODING,)),
                (" \t", ()),
                ("{", (NOT_JSON,)),
            ],
            source=TICKETS,
            **surroundings,
        ),
    )


PLACES: Cases = (
    *places("plain"),
    *places("CRLF", newline=b"\r\n"),
    *places("CR only", newline=b"\r"),
    *places("byte order mark", mark=UTF8_MARK),
    *places("gzip", compression=".gz"),
    *places("zstd, CRLF and byte order mark", compression=".zst", mark=UTF8_MARK, newline=b"\r\n"),
    *places("last in the file, without a newline", final=False),
)

RECORDS: Cases = (*_ENCODINGS, *_SHAPES, *_AMONG_OTHERS, *PLACES)

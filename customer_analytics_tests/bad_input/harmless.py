"""Data that looks dangerous, or comes early: published byte by byte as it was delivered."""

from collections.abc import Mapping, Sequence
from typing import Literal

from customer_analytics.contracts.policy import Evolution
from customer_analytics.contracts.source import Source
from customer_analytics_tests.bad_input.cases import Accepted
from customer_analytics_tests.bad_input.normalising import text_records
from customer_analytics_tests.bad_input.records import FORMATS, PARCELS, Record, good, lenient, rows_of, texts, write
from customer_analytics_tests.scenario import EVENTS, ORDERS, TICKETS

Cases = tuple[Accepted, ...]

FORMULAS = {
    "command": "=cmd|'/C calc'!A0",
    "link": '=HYPERLINK("https://example.org?x="&A1,"click")',
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(1;2)",
    "behind a tab in it": "x\t=1+1",
}
SQL = {
    "drop": "'; drop table sources.orders; --",
    "quoted name": '"; delete from quality.quarantine; --',
    "always true": "' or 1=1 --",
    "parameters": "$day ? {0} %s",
    "a file to read": "(select content from read_text('secret.txt'))",
}
MARKUP = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror='alert(1)'>",
    "chat link": "<https://example.org|click> *bold* <!channel>",
    "template": "{{ 7 * 7 }} ${7*7} {% raw %}",
    "entities": "&lt;b&gt; &amp;",
}
OTHER_TEXTS = {
    "JSON": '{"a": NaN, ]}',
    "comma and hash": "# not, a comment",
    "backslashes": "C:\\new\\table\\u0041",
    "percent": "../../etc/passwd%00",
    "other scripts": "日本語 עברית 🤦🏼‍♂️",
    "null in another case": "Null",
    "none": "None",
}


def in_text(kind: str, variants: Mapping[str, str]) -> Cases:
    """Tickets about such texts, in each format."""
    ticket = good(TICKETS)[0]
    return published_alike(
        kind, TICKETS, [{**ticket, "ticket_id": f"T-{n}", "category": text} for n, text in enumerate(variants.values())]
    )


def in_ids(kind: str, variants: Mapping[str, str]) -> Cases:
    """Orders whose ids are such texts, in each format."""
    order = good(ORDERS)[0]
    return published_alike(
        kind, ORDERS, [{**order, "order_id": text, "customer_id": text} for text in sorted(variants.values())]
    )


def published_alike(kind: str, source: Source, records: Sequence[Record]) -> Cases:
    """Records that are published as they are, in each format."""
    return tuple(
        Accepted(
            kind, source.name, form, {f"{source.name}.{form}": write(form, records)}, source, rows=rows_of(records)
        )
        for form in FORMATS
    )


def in_names(new_columns: Literal["ignore", "evolve"]) -> Cases:
    """Unknown columns with such names, in each format: no published table gets them, whatever the rule."""
    names = tuple(sorted(NAMES.values()))
    records = [{**texts(record), **{name: f"{name} {n}" for name in names}} for n, record in enumerate(good(ORDERS))]
    return tuple(
        Accepted(
            "SQL, formulas or markup in column names",
            new_columns,
            form,
            {f"orders.{form}": text_records(form, records)},
            lenient(ORDERS, evolution=Evolution(new_columns=new_columns)),
            rows=tuple(rows_of(good(ORDERS))),
            unknown=names,
        )
        for form in FORMATS
    )


NAMES = {
    "SQL": "x'; drop table sources.orders; --",
    "SQL in double quotes": '"x", (select 1) as "y"',
    "formula": "=1+1",
    "markup": "<script>",
    "path of JSON": "$.a[0].b",
}

ACCEPTED: Cases = (
    *in_text("spreadsheet formulas in text", FORMULAS),
    *in_ids("spreadsheet formulas in ids", FORMULAS | {"behind a tab in it": "x=1+1"}),
    *in_text("SQL in values", SQL),
    *in_ids("SQL in ids", SQL),
    *in_text("markup in text", MARKUP),
    *in_ids("markup in ids", MARKUP),
    *in_text("other texts", OTHER_TEXTS),
    *in_names("ignore"),
    *in_names("evolve"),
    *(
        case
        for source in (TICKETS, EVENTS, PARCELS)
        for case in published_alike("a customer that no order mentions yet", source, good(source))
    ),
)

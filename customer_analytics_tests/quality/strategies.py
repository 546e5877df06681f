"""Records of every kind - good, nearly good, nasty - and the files that they are delivered in."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from customer_analytics_tests.oracle import Cells

# Stands in many cells; no message may repeat it.
SECRET = "Secret-4711"

NASTY = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "\t", "NULL", "null", "Null", "nan", "0", "-0.00", "a,b", '"', 'a "b"', " x ", "=1+1"]),
    st.sampled_from(
        ["C\u200b", "\u202eC", "\ufeff", "a\u0300", "C\x7f", "a\nb", "a\r\nb", "a\0b", "é" * 200, "é" * 201]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=6),
)
IDS = st.one_of(st.sampled_from(["1", "2", "3", "id 4", "é", SECRET]), NASTY)
TIMES = st.one_of(
    st.builds(
        "2026-03-{}{}{}{}{}".format,
        st.sampled_from(["09", "10"]),
        st.sampled_from(["T", " "]),
        st.sampled_from(["00:00", "12:30", "23:59"]),
        st.sampled_from([":00", ":59.999999", ":07.5000000"]),
        st.sampled_from(["", "Z", "+02:00", "-0130", "+14"]),
    ),
    st.builds(
        "{}-{:02}-{:02}{}{:02}:{:02}{}{}".format,
        st.sampled_from(["2026", "2026", "2026", "1999", "0001"]),
        st.sampled_from([3, 3, 3, 2, 13]),
        st.integers(8, 12) | st.sampled_from([0, 30, 31]),
        st.sampled_from(["T", " "]),
        st.sampled_from([0, 1, 12, 22, 23, 24]),
        st.sampled_from([0, 30, 59, 60]),
        st.sampled_from(["", ":00", ":59", ":59.999999", ":59.9999999", ":60", ":1"]),
        st.sampled_from(["", "", "Z", "+02:00", "-0130", "+14", "+15:00", " +01:00", "z", " "]),
    ),
    st.sampled_from(["2026-03-10", "2026-03-09", "2026-03-08", "2026-03-11", "infinity", "epoch", "now", "03/10/2026"]),
    NASTY,
)
AMOUNTS = st.one_of(
    st.decimals(-100, 100, places=2).map(str),
    st.builds("{}.{}".format, st.integers(0, 999), st.sampled_from(["0", "25", "005", "125", "1000"])),
    st.builds(
        "{}{}.{}".format,
        st.sampled_from(["", "-", "+"]),
        st.integers(0, 10**17),
        st.sampled_from(["", "1", "00", "120", "125"]),
    ),
    st.sampled_from(
        ["1.005", "0.001", "2.500", "1e3", "NaN", "inf", "0x1F", "1_000", "1,50", "$1", "٣", "--1", "9" * 17, "0" * 17]
    ),
    NASTY,
)
ORDER = st.fixed_dictionaries(
    {
        "order_id": IDS,
        "customer_id": IDS,
        "order_date": TIMES,
        "total_amount": AMOUNTS,
        "status": st.sampled_from(["paid", "refunded", "cancelled", "PAID", ""]) | NASTY,
    }
)
TICKET = st.fixed_dictionaries(
    {
        "ticket_id": IDS,
        "customer_id": IDS,
        "created_date": TIMES,
        "category": NASTY,
        "priority": st.sampled_from(["low", "medium", "high", "urgent", "nope"]),
        "resolved_date": st.none() | TIMES,
    }
)
SURROGATES = st.sampled_from(["\ud800", "x\udfff"])


def good_beside(
    record: st.SearchStrategy[dict[str, str | None]], good: dict[str, str | None]
) -> st.SearchStrategy[Any]:
    """Lists of records, some good but for a cell or two, so that not all of them fail at the first hurdle.

    Where its key is not spoiled, a record has one of its own. The last record is good: a file whose records all belong
    to another day would be refused.
    """
    names = st.sets(st.sampled_from(sorted(good)), max_size=2)
    nearly = st.builds(lambda nasty, spoiled: good | {name: nasty[name] for name in spoiled}, record, names)
    key = next(iter(good))

    def with_own_keys(records: list[dict[str, str | None]], prefix: int) -> list[dict[str, str | None]]:
        return [
            each | {key: f"{prefix}-{number}"} if each[key] == good[key] else each
            for number, each in enumerate([*records, good])
        ]

    return st.builds(with_own_keys, st.lists(nearly | nearly | record, max_size=12), st.integers(0, 9_999))


ORDER_LISTS = good_beside(
    ORDER,
    {"order_id": "7", "customer_id": SECRET, "order_date": "2026-03-10", "total_amount": "1.00", "status": "paid"},
)
TICKET_LISTS = good_beside(
    TICKET,
    {
        "ticket_id": "7",
        "customer_id": SECRET,
        "created_date": "2026-03-10T12:00:00Z",
        "category": "x",
        "priority": "low",
        "resolved_date": None,
    },
)


def as_csv(records: Sequence[Cells], newline: str = "\r\n", header: Mapping[str, str] | None = None) -> bytes:
    """A CSV file; ``header`` has the names as they are written, in the order of the columns, where they differ."""
    text = io.StringIO()
    names = header or {column: column for column in records[0]}
    writer = csv.DictWriter(
        text, list(names), quoting=csv.QUOTE_ALL if len(records) % 2 else csv.QUOTE_MINIMAL, lineterminator=newline
    )
    writer.writerow(names)
    writer.writerows(records)
    return text.getvalue().encode()


def as_jsonl(records: Sequence[Cells], newline: str = "\n") -> bytes:
    """A JSONL file, in ASCII, without a newline at its end."""
    return newline.join(json.dumps(record, ensure_ascii=True) for record in records).encode()

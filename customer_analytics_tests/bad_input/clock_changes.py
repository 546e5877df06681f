"""Local times at the changes of the clock, where the source says in which zone it lives."""

from datetime import date, datetime

import pyarrow as pa

from customer_analytics_tests.bad_input.between import text_cell
from customer_analytics_tests.bad_input.cases import BadRecord, Normalised, Quarantined
from customer_analytics_tests.bad_input.normalising import orders_at
from customer_analytics_tests.bad_input.records import columns_of, good, lenient, parquet, rows_of
from customer_analytics_tests.scenario import DAY, ORDERS

KIND = "a local time at a clock change"
BERLIN = lenient(ORDERS, timezone="Europe/Berlin")
# Its clock changes by half an hour.
LORD_HOWE = lenient(ORDERS, timezone="Australia/Lord_Howe", latest_days=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
LORD_HOWE_SPRING, LORD_HOWE_AUTUMN = date(2026, 10, 4), date(2026, 4, 5)


def wrong(variant: str, text: str, day: date, source: str = "Berlin") -> tuple[Quarantined, ...]:
    """A local time that does not exist, or exists twice."""
    zone = BERLIN if source == "Berlin" else LORD_HOWE
    return text_cell(KIND, variant, "order_date", text, ("local_time", "order_date"), source=zone, day=day)


def naive_timestamps() -> Quarantined:
    """Parquet timestamps without a zone are local times too."""
    first, middle, last = good(ORDERS, SPRING)
    local = [datetime(2026, 3, 29, 1, 59, 59), datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 3, 0)]
    records = (
        {**first, "order_date": datetime(2026, 3, 29, 0, 59, 59)},
        {**last, "order_date": datetime(2026, 3, 29, 1, 0)},
    )
    values = {**middle, "order_date": "2026-03-29 02:30:00", "total_amount": float(middle["total_amount"])}
    bad = BadRecord("orders.parquet", 2, None, frozenset({("local_time", "order_date")}), values=values)
    content = parquet({**columns_of((first, middle, last)), "order_date": pa.array(local, pa.timestamp("us"))})
    return Quarantined(
        KIND,
        "timestamps without a zone",
        "parquet",
        {"orders.parquet": content},
        BERLIN,
        SPRING,
        rows=rows_of(records),
        bad=(bad,),
    )


CLOCK_CHANGES: tuple[Quarantined, ...] = (
    *wrong("skipped", "2026-03-29 02:30:00", SPRING),
    *wrong("first that is skipped", "2026-03-29T02:00:00", SPRING),
    *wrong("last that is skipped", "2026-03-29 02:59:59.999999", SPRING),
    *wrong("twice", "2026-10-25 02:30:00", AUTUMN),
    *wrong("first that is twice", "2026-10-25 02:00:00", AUTUMN),
    *wrong("last that is twice", "2026-10-25 02:59:59.999999", AUTUMN),
    *wrong("skipped, by half an hour", "2026-10-04 02:15:00", LORD_HOWE_SPRING, "Lord Howe"),
    *wrong("twice, by half an hour", "2026-04-05 01:45:00", LORD_HOWE_AUTUMN, "Lord Howe"),
    naive_timestamps(),
    *text_cell(KIND, "the delivery day ends with the local day", "order_date", "2026-03-11 00:00:00",
               ("delivery_day", "order_date"), source=BERLIN),
)  # fmt: skip

LOCAL_TIMES: tuple[Normalised, ...] = (
    *orders_at(
        KIND,
        "winter, as elsewhere",
        {
            "2026-03-10": datetime(2026, 3, 9, 23, 0),
            "2026-03-10 09:00": datetime(2026, 3, 10, 8, 0),
            "2026-03-10T09:00:00.000001": datetime(2026, 3, 10, 8, 0, 0, 1),
            "2026-03-10T09:00:00Z": datetime(2026, 3, 10, 9, 0),
            "2026-03-10T09:00:00-05:00": datetime(2026, 3, 10, 14, 0),
            "2026-03-10 23:59:59": datetime(2026, 3, 10, 22, 59, 59),
        },
        source=BERLIN,
        day=DAY,
    ),
    *orders_at(
        KIND,
        "around the skipped hour",
        {
            "2026-03-29 01:59:59.999999": datetime(2026, 3, 29, 0, 59, 59, 999999),
            "2026-03-29 03:00:00": datetime(2026, 3, 29, 1, 0),
            "2026-03-29T02:30:00Z": datetime(2026, 3, 29, 2, 30),
            "2026-03-29T02:30:00+02:00": datetime(2026, 3, 29, 0, 30),
        },
        source=BERLIN,
        day=SPRING,
    ),
    *orders_at(
        KIND,
        "around the hour that is twice, and in it by offset",
        {
            "2026-10-25 01:59:59.999999": datetime(2026, 10, 24, 23, 59, 59, 999999),
            "2026-10-25T02:30:00+02:00": datetime(2026, 10, 25, 0, 30),
            "2026-10-25T02:30:00+01:00": datetime(2026, 10, 25, 1, 30),
            "2026-10-25 03:00:00": datetime(2026, 10, 25, 2, 0),
        },
        source=BERLIN,
        day=AUTUMN,
    ),
    *orders_at(
        KIND,
        "around the half hours",
        {
            "2026-10-04 01:59:59": datetime(2026, 10, 3, 15, 29, 59),
            "2026-10-04 02:30:00": datetime(2026, 10, 3, 15, 30),
        },
        source=LORD_HOWE,
        day=LORD_HOWE_SPRING,
    ),
)

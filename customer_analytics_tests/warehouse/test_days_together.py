"""Days are read together by one query where they can be: nothing else may differ from each day by itself."""

import gzip
import json
from datetime import date, timedelta

import pytest

from customer_analytics.warehouse import load as load_module
from customer_analytics_tests.bad_input.records import parquet
from customer_analytics_tests.scenario import (
    DAY,
    MIXED_ORDERS,
    ORDERS,
    ORDERS_HEADER,
    Scene,
    open_at,
    orders_of,
    published_state,
)

DAYS = [DAY + timedelta(days=number) for number in range(6)]
JSON_ORDER = json.dumps(
    {
        "order_id": "J-1",
        "customer_id": "C-1",
        "order_date": f"{DAYS[3]} 08:00:00",
        "total_amount": 3.5,
        "status": "paid",
    }
)
GOOD: dict[date, dict[str, str | bytes]] = {
    DAYS[0]: {"orders.csv": MIXED_ORDERS},
    DAYS[1]: {"a.csv": orders_of(DAYS[1], "O-11"), "b.csv": "\n" + orders_of(DAYS[1], "O-11", "O-12")},
    DAYS[2]: {
        "orders.csv": f"status,order_id,customer_id,total_amount,order_date,note\nno,O-21,C-1,1.00,{DAYS[2]},x\n"
    },
    DAYS[3]: {"orders.jsonl": f"{JSON_ORDER}\n[]\n", "orders.csv": orders_of(DAYS[3], "O-31")},
    DAYS[4]: {"orders.csv.gz": gzip.compress(orders_of(DAYS[4], "O-41").encode(), mtime=0)},
    DAYS[5]: {"orders.csv": ORDERS_HEADER},
}


def parquet_of(day: date, *order_ids: str, **other: object) -> bytes:
    """Orders of a day; ``other`` columns take the place of the usual ones."""
    usual = {"customer_id": "C-1", "order_date": f"{day} 08:00:00", "total_amount": "3.50", "status": "paid"}
    return parquet(
        {"order_id": list(order_ids)} | {name: [value] * len(order_ids) for name, value in (usual | other).items()}
    )


PARQUET: dict[date, dict[str, str | bytes]] = {
    DAYS[0]: {"orders.parquet": parquet_of(DAYS[0], "P-1", "P-2", "P-1")},
    DAYS[1]: {"a.parquet": parquet_of(DAYS[1], "P-11"), "b[1]*.parquet": parquet_of(DAYS[1], "P-11", "P-12")},
    DAYS[2]: {"orders.parquet": parquet_of(DAYS[2], "P-21", total_amount=0.125), "c.csv": orders_of(DAYS[2], "O-2")},
    DAYS[3]: {"orders.parquet": parquet_of(DAYS[3], "P-31", total_amount=7, note="unknown")},
    DAYS[4]: {"orders.parquet.gz": gzip.compress(parquet_of(DAYS[4], "P-41", status="no"), mtime=0)},
    DAYS[5]: {"orders.parquet": parquet_of(DAYS[5], "P-51")},
}
# Its end, which says what is in it, is whole; its beginning, where records are, is not.
DAMAGED = b"PAR1" + bytes(60) + parquet_of(DAYS[1], "P-11")[64:]


@pytest.mark.parametrize(
    ("good", "refused"),
    [
        (GOOD, {}),
        (GOOD, {"orders.csv": "order_id,status\nO-1,paid\n"}),
        (GOOD, {"orders.csv": orders_of(DAYS[1], "O-11") + '"never closed\n'}),
        (GOOD, {"a.csv": orders_of(DAYS[1], "O-11"), "b.csv": orders_of(DAYS[1] - timedelta(days=9), "O-12")}),
        (GOOD, {"orders.csv.gz": gzip.compress(orders_of(DAYS[1], "O-11").encode(), mtime=0)[:-9]}),
        (GOOD, {"orders.jsonl": '{"order_id": "O-11"}\n'}),
        (PARQUET, {}),
        (PARQUET, {"orders.parquet": DAMAGED}),
        (PARQUET, {"orders.parquet": parquet_of(DAYS[1], "P-11")[:-9]}),
    ],
    ids=[
        *("none", "a header", "a quote", "another day", "cut short", "missing keys"),
        *("Parquet", "Parquet, damaged", "Parquet, cut short"),
    ],
)
@pytest.mark.parametrize("limit", ["BATCH_DAYS", "BATCH_BYTES"])  # In memory; and on disk, being large.
def test_days_are_published_as_if_each_was_loaded_by_itself(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    good: dict[date, dict[str, str | bytes]],
    refused: dict[str, str | bytes],
) -> None:
    for day, files in (good | ({DAYS[1]: refused} if refused else {})).items():
        scene.land(ORDERS, files, day)
    together = {report.day: (report.state, report.message) for report in scene.load(ORDERS, *DAYS)}
    with open_at(scene.folder / "other.duckdb") as connection:
        monkeypatch.setattr(load_module, limit, 1)
        alone = {
            day: (each.state, each.message)
            for day in DAYS
            for each in Scene(scene.folder, connection).load(ORDERS, day)
        }
        assert together == alone
        assert published_state(scene.connection) == published_state(connection)
    assert (alone[DAYS[1]][0] == "held_back") == bool(refused)

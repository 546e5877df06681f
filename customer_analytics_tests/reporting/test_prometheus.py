"""Prometheus gets the figures as they stand in the tables, in its own format, from a file that is always whole."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from prometheus_client.parser import text_string_to_metric_families

from customer_analytics.reporting.prometheus import (
    DatasetFigures,
    LatestDay,
    PrometheusFigures,
    Told,
    read_figures,
    write_metrics,
)
from customer_analytics.warehouse.schema import migrate

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        yield connection


def render(figures: PrometheusFigures) -> str:
    """What the file says of them."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "metrics.prom")
        write_metrics(path, figures)
        return path.read_text(encoding="utf-8")


def publish(warehouse: duckdb.DuckDBPyConnection, day: date, accepted: int, quarantined: int, score: float) -> None:
    """A day of orders, with two ignored lines, published at 05:50 UTC of the next day."""
    published_at = datetime(day.year, day.month, day.day) + timedelta(days=1, hours=5, minutes=50)
    warehouse.execute(
        """insert into quality.deliveries by name
           select 'orders' as source, $day as delivery_day, '' as fingerprint, $records as records,
             $accepted as accepted, $quarantined as quarantined, 2 as ignored, '1' as contract_version,
             '' as rules_fingerprint, 0 as content_hash, 1 as revision, 'run' as run_id, $at as published_at""",
        {
            "day": day,
            "records": accepted + quarantined + 2,
            "accepted": accepted,
            "quarantined": quarantined,
            "at": published_at,
        },
    )
    warehouse.execute("insert into quality.timeline values ('orders', $1, $2, $2, $2)", [day, published_at])
    warehouse.execute(
        "insert into quality.loads values ('orders', $1, 1, $2, 4096, 12.5, $3)",
        [str(day), accepted + quarantined + 2, published_at],
    )
    score_day(warehouse, day, score)


def score_day(warehouse: duckdb.DuckDBPyConnection, day: date, score: float) -> None:
    warehouse.execute(
        """insert into quality.scores by name
           select 'orders' as source, $day as delivery_day, $score as score, map {} as parts, 'run' as run_id,
             now()::timestamp as audited_at""",
        {"day": day, "score": score},
    )


def derive(warehouse: duckdb.DuckDBPyConnection, day: date) -> None:
    warehouse.execute(
        "insert into marts.as_of_days values ('customer_lifetime_value', $1, 1, 'run', $2)", [day, datetime(2026, 1, 1)]
    )


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Metric without the prefix, and the values of its labels, to its value."""
    return {
        (sample.name.removeprefix("customer_analytics_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_latest_day_and_load_of_a_source_are_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, DAY - timedelta(days=1), accepted=1, quarantined=1, score=0.5)
    publish(warehouse, DAY, accepted=97, quarantined=3, score=0.96)
    told = Told(
        due={"orders": lambda day: datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1)},
        on_time={"orders": 0.9},
        days_by_state={"orders": {"published": 2, "held_back": 1, "missing": 0}},
        open_incidents={"critical": 1, "warning": 0},
    )
    assert samples(render(read_figures(warehouse, told, NOW))) == {
        ("metrics_timestamp_seconds",): NOW.timestamp(),
        ("latest_day_timestamp_seconds", "orders"): datetime(2026, 11, 20, tzinfo=UTC).timestamp(),
        ("latest_day_records", "orders"): 102,
        ("latest_day_accepted_records", "orders"): 97,
        ("latest_day_quarantined_records", "orders"): 3,
        ("latest_day_quarantined_ratio", "orders"): 0.03,
        ("latest_day_lateness_seconds", "orders"): -600,
        ("quality_score_ratio", "orders"): 0.96,
        ("latest_load_days", "orders"): 1,
        ("latest_load_records", "orders"): 102,
        ("latest_load_bytes", "orders"): 4096,
        ("latest_load_duration_seconds", "orders"): 12.5,
        ("latest_load_timestamp_seconds", "orders"): datetime(2026, 11, 21, 5, 50, tzinfo=UTC).timestamp(),
        ("on_time_ratio", "orders"): 0.9,
        ("days", "orders", "published"): 2,
        ("days", "orders", "held_back"): 1,
        ("days", "orders", "missing"): 0,
        ("open_incidents", "critical"): 1,
        ("open_incidents", "warning"): 0,
    }


def test_the_latest_load_may_be_of_an_older_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    publish(warehouse, DAY, accepted=97, quarantined=3, score=1)
    warehouse.execute(
        "insert into quality.loads values ('orders', 'late', 2, 7, 9, 3.5, $1)", [datetime(2026, 11, 21, 6)]
    )
    told = samples(render(read_figures(warehouse, Told(), NOW)))
    assert told["latest_day_records", "orders"] == 102
    assert told["latest_load_duration_seconds", "orders"] == 3.5


def test_a_derived_day_has_no_records_and_what_is_unknown_is_left_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    derive(warehouse, DAY)
    told = Told(due={"customer_lifetime_value": lambda day: NOW}, days_by_state={"orders": {"missing": 3}})
    assert samples(render(read_figures(warehouse, told, NOW))) == {
        ("metrics_timestamp_seconds",): NOW.timestamp(),
        ("latest_day_timestamp_seconds", "customer_lifetime_value"): datetime(2026, 11, 20, tzinfo=UTC).timestamp(),
        ("days", "orders", "missing"): 3,
    }


def test_a_new_warehouse_tells_when_it_was_asked(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert samples(render(read_figures(warehouse, Told(), NOW))) == {("metrics_timestamp_seconds",): NOW.timestamp()}


def test_a_day_without_records_has_no_share_set_aside() -> None:
    empty = DatasetFigures("orders", LatestDay(DAY, records=0, accepted=0, quarantined=0))
    assert samples(render(PrometheusFigures(NOW, (empty,))))["latest_day_quarantined_ratio", "orders"] == 0


def test_every_metric_is_explained_and_named_as_prometheus_has_it() -> None:
    families = list(text_string_to_metric_families(render(PrometheusFigures(NOW))))
    assert len(families) == 16
    for family in families:
        assert family.name.startswith("customer_analytics_")
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_total", "_count", "_milliseconds", "_percent"))


def test_odd_names_are_escaped() -> None:
    odd = 'a "quoted"\nname\\'
    assert samples(render(PrometheusFigures(NOW, (DatasetFigures(odd, on_time=1),))))["on_time_ratio", odd] == 1


def test_a_reader_never_finds_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "collector" / "customer_analytics.prom"
    figures = [
        PrometheusFigures(NOW, tuple(DatasetFigures(f"source{number}", on_time=share) for number in range(200)))
        for share in (0.25, 0.75)
    ]
    write_metrics(path, figures[0])
    ended = threading.Event()

    def write() -> None:
        for turn in range(100):
            write_metrics(path, figures[turn % 2])
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not ended.is_set():
        told = samples(path.read_text(encoding="utf-8"))
        assert len(told) == 201
        seen.add(frozenset(value for key, value in told.items() if key[0] == "on_time_ratio"))
    writer.join()
    assert seen <= {frozenset({0.25}), frozenset({0.75})}
    assert [file.name for file in path.parent.iterdir()] == ["customer_analytics.prom"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "customer_analytics.prom"
    write_metrics(path, PrometheusFigures(NOW))
    before = path.read_text(encoding="utf-8")
    with pytest.raises(AttributeError):
        write_metrics(path, PrometheusFigures(NOW, ("no dataset",)))  # type: ignore[arg-type]
    assert path.read_text(encoding="utf-8") == before

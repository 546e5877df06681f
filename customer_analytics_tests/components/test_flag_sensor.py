"""The flag sensor: one run for new or changed content, nothing twice, nothing missed."""

import os
import signal
import subprocess
import sys
import time

import dagster as dg

from customer_analytics.components.resources import build_resources
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company


def look(company: Company, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    """One tick of the sensor of orders."""
    sensor = company.definitions.get_sensor_def("orders_flag")
    context = dg.build_sensor_context(
        instance=company.instance, cursor=cursor, resources=build_resources(Settings()), definitions=company.definitions
    )
    result = sensor(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def requested(result: dg.SensorResult | dg.SkipReason) -> list[str | tuple[str, str]]:
    """The day of each requested run, or its first and last day."""
    assert isinstance(result, dg.SensorResult)
    return [
        run.partition_key
        or (run.tags["dagster/asset_partition_range_start"], run.tags["dagster/asset_partition_range_end"])
        for run in result.run_requests or []
    ]


def test_without_flags_it_skips(company: Company) -> None:
    assert isinstance(look(company), dg.SkipReason)


def test_a_new_flag_asks_for_its_day(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    assert requested(look(company)) == ["2026-11-03"]


def test_neighbouring_days_share_a_run(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-06")
    assert requested(look(company)) == [("2026-11-01", "2026-11-03"), "2026-11-06"]


def test_a_day_that_was_seen_to_is_not_asked_for_again(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    first = look(company)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(look(company, first.cursor), dg.SkipReason)


def test_with_a_lost_cursor_an_unpublished_day_has_the_same_run_key(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    keys = [result.run_requests[0].run_key for result in (look(company), look(company)) if result.run_requests]  # type: ignore[union-attr]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_with_a_lost_cursor_a_published_day_is_not_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    assert requested(look(company)) == []


def test_changed_content_is_asked_for_with_a_new_run_key(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    first = look(company)
    company.materialize("orders", day="2026-11-03")
    company.land_orders("2026-11-03", "carol,2026-11-03 10:00:00,5.00,paid")
    second = look(company, first.cursor)  # type: ignore[union-attr]
    assert requested(second) == ["2026-11-03"]
    assert first.run_requests[0].run_key != second.run_requests[0].run_key  # type: ignore[union-attr, index]


def test_files_that_were_only_touched_are_not_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    first = look(company)
    company.materialize("orders", day="2026-11-03")
    os.utime(company.data / "landing/orders/2026-11-03/delivery.csv", (1, 1))
    assert requested(look(company, first.cursor)) == []  # type: ignore[union-attr]


def test_a_failed_day_waits_for_new_content(company: Company) -> None:
    company.land_bad_orders("2026-11-03")
    first = look(company)
    assert not company.materialize("orders", day="2026-11-03").success
    assert isinstance(look(company, first.cursor), dg.SkipReason)  # type: ignore[union-attr]
    company.land_good_orders("2026-11-03")
    assert requested(look(company, first.cursor)) == ["2026-11-03"]  # type: ignore[union-attr]


def test_days_outside_the_partitions_are_left_alone(company: Company) -> None:
    company.land_good_orders("2020-01-01")
    assert isinstance(look(company), dg.SkipReason)


def test_while_a_writer_is_at_work_it_waits_for_the_next_look(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    company.data.mkdir(exist_ok=True)
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(company.data / "warehouse.duckdb")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout
        assert writer.stdout.readline() == "open\n"
        result = look(company)
        assert isinstance(result, dg.SkipReason)
        assert "in use" in str(result.skip_message)
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    time.sleep(0.1)
    assert requested(look(company)) == ["2026-11-03"]

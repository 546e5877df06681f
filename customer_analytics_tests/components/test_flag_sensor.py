"""The flag sensor: one run for new or changed content, nothing twice, nothing missed."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb

from customer_analytics.components.resources import build_resources
from customer_analytics.components.runs import RETRIED_AS_TAG, WILL_RETRY_TAG, load_tag, requested
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of
from customer_analytics_tests.run_events import dies_at_work


def look(company: Company) -> list[dg.RunRequest]:
    """One tick of the sensor of orders: the runs that it requests."""
    sensor = company.definitions.get_sensor_def("orders_flag")
    with dg.build_sensor_context(
        instance=company.instance, resources=build_resources(Settings()), definitions=company.definitions
    ) as context:
        result = sensor(context)
    if isinstance(result, dg.SkipReason):
        assert result.skip_message
        return []
    assert isinstance(result, list)
    return result


def days(requests: list[dg.RunRequest]) -> list[str | tuple[str, str]]:
    """The day of each requested run, or its first and last day."""
    return [
        request.partition_key
        or (request.tags["dagster/asset_partition_range_start"], request.tags["dagster/asset_partition_range_end"])
        for request in requests
    ]


def test_without_flags_it_asks_for_nothing(company: Company) -> None:
    assert look(company) == []


def test_a_new_flag_asks_for_its_day(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    assert days(look(company)) == ["2026-11-03"]


def test_neighbouring_days_share_a_run(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-06")
    assert days(look(company)) == [("2026-11-01", "2026-11-03"), "2026-11-06"]


def test_until_it_was_tried_a_day_has_the_same_run_key_so_that_dagster_runs_it_once(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    [first], [second] = look(company), look(company)
    assert first.run_key == second.run_key


def test_a_day_that_is_being_loaded_is_not_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03", "2026-11-04", "2026-11-05")
    company.instance.add_run(
        dg.DagsterRun(
            job_name="__ASSET_JOB",
            status=dg.DagsterRunStatus.STARTED,
            tags={
                **requested("orders"),
                "dagster/asset_partition_range_start": "2026-11-03",
                "dagster/asset_partition_range_end": "2026-11-04",
            },
        )
    )
    assert days(look(company)) == ["2026-11-05"]


def test_a_day_whose_run_crashed_and_is_about_to_be_started_again_is_not_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    tags = {load_tag("orders"): "started", "dagster/partition": "2026-11-03", WILL_RETRY_TAG: "true"}
    run = company.instance.add_run(dg.DagsterRun(job_name="__ASSET_JOB", tags=tags))
    dies_at_work(company.instance, run)
    assert look(company) == []
    company.instance.add_run_tags(run.run_id, {RETRIED_AS_TAG: "one that has ended"})
    assert days(look(company)) == ["2026-11-03"]


def test_a_published_day_is_not_asked_for_again(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    assert look(company) == []


def test_changed_content_is_asked_for_with_a_new_run_key(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    [first] = look(company)
    company.materialize("orders", day="2026-11-03")
    company.land_orders("2026-11-03", "carol,2026-11-03 10:00:00,5.00,paid")
    [second] = look(company)
    assert second.partition_key == "2026-11-03"
    assert first.run_key != second.run_key


def test_files_that_were_only_touched_are_not_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    os.utime(company.data / "landing/orders/2026-11-03/delivery.csv", (1, 1))
    assert look(company) == []


def test_a_day_that_was_held_back_waits_for_new_content(company: Company) -> None:
    company.land_bad_orders("2026-11-03")
    assert not company.materialize("orders", day="2026-11-03").success
    assert look(company) == []
    company.land_good_orders("2026-11-03")
    assert days(look(company)) == ["2026-11-03"]


def test_under_other_rules_what_was_held_back_is_asked_for_and_what_is_published_is_not(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    company.land_bad_orders("2026-11-04")
    company.materialize("orders", days=("2026-11-03", "2026-11-04"))
    assert company.materialized("orders") == ["2026-11-03"]
    assert look(company) == []
    with duckdb.connect(str(company.data / "warehouse.duckdb")) as warehouse:
        warehouse.execute("update quality.attempts set rules_fingerprint = 'that of other rules'")
    assert days(look(company)) == ["2026-11-04"]


def test_the_first_delivery_put_back_after_a_bad_one_is_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    [first] = look(company)
    company.materialize("orders", day="2026-11-03")
    company.land_bad_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    company.land_good_orders("2026-11-03")
    [again] = look(company)
    assert again.partition_key == "2026-11-03"
    assert again.run_key != first.run_key


def test_a_delivery_that_cannot_be_read_is_asked_for_once(company: Company) -> None:
    company.land("orders", "2026-11-03", "whatever", name="orders.xlsx")
    assert days(look(company)) == ["2026-11-03"]
    assert not company.materialize("orders", day="2026-11-03").success
    assert look(company) == []


def test_a_day_that_the_file_system_does_not_give_keeps_no_other_from_being_loaded(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    (company.data / "landing/orders/2026-11-01/more.csv").symlink_to("x" * 300)
    assert days(look(company)) == [("2026-11-01", "2026-11-02")]
    result = company.materialize("orders", days=("2026-11-01", "2026-11-02"))
    assert "orders 2026-11-01 cannot be read: File name too long" in failure_of(result)
    assert company.materialized("orders") == ["2026-11-02"]
    assert days(look(company)) == ["2026-11-01"]


def test_after_its_pause_a_source_is_tried_with_its_latest_day_so_that_an_old_one_blocks_no_new_one(
    company: Company,
) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    for _ in range(3):
        run = company.instance.add_run(dg.DagsterRun(job_name="job", tags={load_tag("orders"): "started"}))
        dies_at_work(company.instance, run, datetime.now(UTC) - timedelta(days=1))
    assert days(look(company)) == ["2026-11-02"]


def test_a_day_that_cannot_be_read_is_a_failure_of_the_run_and_not_held_back(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    (company.data / "landing/orders/2026-11-01/more.csv").symlink_to("x" * 300)
    result = company.materialize("orders", day="2026-11-01")
    run = company.instance.get_run_by_id(result.run_id)
    assert run
    assert run.tags[load_tag("orders")] == "started"


def test_days_outside_the_partitions_are_left_alone(company: Company) -> None:
    company.land_good_orders("2020-01-01")
    assert look(company) == []


def test_while_a_writer_is_at_work_it_waits_for_the_next_look(company: Company) -> None:
    company.land_good_orders("2026-11-03")
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(company.data / "warehouse.duckdb")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout
        assert writer.stdout.readline() == "open\n"
        assert look(company) == []
    finally:
        writer.kill()
        writer.wait()
    assert days(look(company)) == ["2026-11-03"]

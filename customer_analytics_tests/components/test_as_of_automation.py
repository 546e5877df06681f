"""What keeps derived days up to date: the refresh that follows the ledger, and the time by which yesterday is there."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from customer_analytics.components.resources import build_resources
from customer_analytics.components.runs import load_tag
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of
from customer_analytics_tests.end_to_end.project import held_open
from customer_analytics_tests.run_events import dies_at_work
from customer_analytics_tests.simulation.clock import Clock

UP_TO_DATE = "Everything that is derived is up to date, being computed, or paused."
FIRST, LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
Days = tuple[str, str]


def look(company: Company) -> dg.SensorResult | dg.SkipReason:
    """One tick of the refresh."""
    with dg.build_sensor_context(
        instance=company.instance, resources=build_resources(Settings()), definitions=company.definitions
    ) as context:
        result = company.definitions.get_sensor_def("refresh_customers")(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def requests(company: Company) -> list[dg.RunRequest]:
    result = look(company)
    assert isinstance(result, dg.SensorResult), result
    assert result.run_requests
    return list(result.run_requests)


def skipped(company: Company) -> str:
    """Why a tick asked for nothing."""
    result = look(company)
    assert isinstance(result, dg.SkipReason), result
    return str(result.skip_message)


def asked(runs: list[dg.RunRequest]) -> dict[str, Days]:
    """First and last day by asset."""
    return {
        asset.to_user_string(): (run.partition_key, run.partition_key)
        if run.partition_key
        else (run.tags[FIRST], run.tags[LAST])
        for run in runs
        for asset in run.asset_selection or ()
    }


def everything(first: str, last: str = "") -> dict[str, Days]:
    """Every derived asset for these days."""
    return dict.fromkeys(DERIVED_ASSETS, (first, last or first))


def carry_out(company: Company, runs: list[dg.RunRequest]) -> None:
    for run in runs:
        assets = [asset.to_user_string() for asset in run.asset_selection or ()]
        assert company.materialize(*assets, days=asked([run])[assets[0]]).success


def publish(company: Company, *days: str) -> None:
    """Orders of the days are published, and what follows from them is computed."""
    company.land_good_orders(*days)
    for day in days:
        assert company.materialize("orders", day=day).success
    carry_out(company, requests(company))


def test_before_anything_is_published_it_skips(company: Company) -> None:
    assert skipped(company) == UP_TO_DATE


def test_a_published_day_is_derived_once(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    runs = requests(company)
    assert asked(runs) == everything("2026-11-01")
    assert len(runs) == 1
    carry_out(company, runs)
    assert skipped(company) == UP_TO_DATE


def test_new_days_are_derived_as_one_range_in_one_run(company: Company) -> None:
    publish(company, "2026-11-01")
    company.land_good_orders("2026-11-02", "2026-11-03")
    company.materialize("orders", days=("2026-11-02", "2026-11-03"))
    [run] = requests(company)
    assert asked([run]) == everything("2026-11-02", "2026-11-03")


def test_only_what_is_made_from_a_source_follows_it(company: Company) -> None:
    publish(company, "2026-11-01")
    company.land_tickets("2026-11-01", "alice")
    company.materialize("support_tickets", day="2026-11-01")
    assert set(asked(requests(company))) == DERIVED_ASSETS.keys() - {"customer_lifetime_value"}


def test_a_day_that_comes_late_makes_the_days_from_it_to_the_last_new(company: Company) -> None:
    publish(company, "2026-11-01", "2026-11-02", "2026-11-04", "2026-11-05")
    company.land_good_orders("2026-11-03")
    company.materialize("orders", day="2026-11-03")
    runs = requests(company)
    assert asked(runs) == everything("2026-11-03", "2026-11-05")
    carry_out(company, runs)
    query = "select order_count from marts.customer_lifetime_value where customer_id = 'bob' order by as_of_date"
    assert company.query(query) == [(1,), (2,), (3,), (4,), (5,)]


def test_a_corrected_day_makes_the_days_from_it_to_the_last_new(company: Company) -> None:
    publish(company, "2026-11-01", "2026-11-02", "2026-11-03")
    company.land_orders("2026-11-02", "alice,2026-11-02,99.00,paid")
    company.materialize("orders", day="2026-11-02")
    assert asked(requests(company)) == everything("2026-11-02", "2026-11-03")


def test_a_refresh_that_a_person_cancelled_is_asked_for_again_in_the_next_hour(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    clock = Clock(datetime(2026, 11, 2, 6, tzinfo=UTC))
    keys = []
    for minutes in (0, 30, 60):
        clock.now = datetime(2026, 11, 2, 6, tzinfo=UTC) + timedelta(minutes=minutes)
        with clock.ticking():
            [run] = requests(company)
        keys.append(run.run_key)
    assert keys[0] == keys[1] != keys[2]


def test_a_day_that_was_loaded_again_with_the_same_content_changes_nothing(company: Company) -> None:
    publish(company, "2026-11-01", "2026-11-02")
    company.materialize("orders", day="2026-11-01")
    assert skipped(company) == UP_TO_DATE


def test_corrected_tickets_change_all_days_from_then_on(company: Company) -> None:
    """Who is listed follows from who was listed the day before."""
    company.land_tickets("2026-11-01", "alice")
    company.land_tickets("2026-11-04", "alice")
    company.materialize("support_tickets", days=("2026-11-01", "2026-11-04"))
    carry_out(company, requests(company))
    company.land_tickets("2026-11-01", "alice", "alice")
    company.materialize("support_tickets", day="2026-11-01")
    assert asked(requests(company))["at_risk_customers"] == ("2026-11-01", "2026-11-04")


def queued_run(company: Company, *assets: str) -> dg.DagsterRun:
    """A run of assets that was asked for and waits in the queue."""
    job = company.definitions.resolve_implicit_global_asset_job_def()
    repository = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("customer_analytics"), "__repository__")
    return company.instance.create_run_for_job(
        job,
        status=dg.DagsterRunStatus.QUEUED,
        tags={"dagster/partition": "2026-11-01"} | {load_tag(asset): "requested" for asset in assets},
        remote_job_origin=RemoteJobOrigin(repository, job.name),
    )


def failed_run(company: Company, asset: str, *skipped: str, ended_at: datetime | None = None) -> None:
    """A run of an asset that died at its work, before it came to others; just now, or at some time."""
    run = queued_run(company, asset, *skipped)
    company.instance.add_run_tags(run.run_id, {load_tag(asset): "started"})
    dies_at_work(company.instance, run, ended_at)


def test_while_an_asset_is_being_computed_no_other_run_of_it_is_asked_for(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    one = queued_run(company, "customer_lifetime_value")
    assert asked(requests(company)).keys() == DERIVED_ASSETS.keys() - {"customer_lifetime_value"}
    queued_run(company, *DERIVED_ASSETS)
    assert skipped(company) == UP_TO_DATE
    company.instance.report_run_canceled(one)
    assert skipped(company) == UP_TO_DATE


def test_a_run_of_another_asset_does_not_keep_a_refresh_waiting(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    queued_run(company, "orders")
    assert asked(requests(company)) == everything("2026-11-01")


def test_what_failed_is_asked_for_alone_until_it_is_paused_and_keeps_nothing_else_from_being_computed(
    company: Company,
) -> None:
    """Dagster never starts a second run with a run key that it has seen."""
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    keys = {run.run_key for run in requests(company)}
    failed_run(company, "forecast_backtest", "customer_value_forecast", "at_risk_customers")
    for _ in range(2):
        together, alone = requests(company)
        assert asked([together]).keys() == DERIVED_ASSETS.keys() - {"forecast_backtest"}
        assert asked([alone]) == {"forecast_backtest": ("2026-11-01", "2026-11-01")}
        keys |= {together.run_key, alone.run_key}
        failed_run(company, "forecast_backtest")
    [together] = requests(company)
    assert asked([together]).keys() == DERIVED_ASSETS.keys() - {"forecast_backtest"}
    assert len(keys) == 4


def test_after_its_pause_an_asset_is_tried_with_one_day(company: Company) -> None:
    company.land_good_orders("2026-11-01", "2026-11-02")
    company.materialize("orders", days=("2026-11-01", "2026-11-02"))
    for _ in range(3):
        failed_run(company, "forecast_backtest", ended_at=datetime.now(UTC) - timedelta(days=1))
    assert asked(requests(company)) == everything("2026-11-01", "2026-11-02") | {
        "forecast_backtest": ("2026-11-01", "2026-11-01")
    }


def test_each_change_of_who_is_who_is_followed_by_a_run_of_its_own(company: Company) -> None:
    """Dagster never starts a second run with a run key that it has seen."""
    publish(company, "2026-11-01")
    keys = []
    for merged in ("bob,alice", "bob,carol"):
        (company.data / "customer_aliases.csv").write_text(f"alias_id,customer_id\n{merged}\n", encoding="utf-8")
        assert company.materialize("customer_aliases").success
        [run] = requests(company)
        assert asked([run]) == everything("2026-11-01")
        keys.append(run.run_key)
        carry_out(company, [run])
    assert len(set(keys)) == 2


def test_a_refresh_that_cannot_have_the_warehouse_fails_and_says_so(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    with held_open(company.data / "warehouse.duckdb"):
        result = company.materialize("customer_lifetime_value", day="2026-11-01")
    assert not result.success
    assert "The warehouse was held for more than 5 s" in failure_of(result)


def test_while_the_warehouse_is_written_it_waits_for_the_next_look(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    with held_open(company.data / "warehouse.duckdb"):
        assert "in use" in skipped(company)
    assert asked(requests(company)) == everything("2026-11-01")


def test_days_outside_the_partitions_are_left_alone(company: Company) -> None:
    company.land_good_orders("2026-10-31", "2026-11-01")
    company.materialize("orders", day="2026-11-01")
    assert asked(requests(company)) == everything("2026-11-01")


def in_the_morning(company: Company, day: str, asset: str = "customer_lifetime_value") -> dg.RunRequest | str:
    """What the schedule of an asset asks for in the morning of the day, or why nothing."""
    with dg.build_schedule_context(
        instance=company.instance,
        scheduled_execution_time=datetime.fromisoformat(f"{day}T06:55:00").replace(tzinfo=UTC),
        resources=build_resources(Settings()),
    ) as context:
        result = company.definitions.get_schedule_def(f"{asset}_ready")(context)
    if isinstance(result, dg.SkipReason):
        return str(result.skip_message)
    assert isinstance(result, dg.RunRequest)
    return result


def test_in_the_morning_yesterday_is_computed_though_nothing_landed(lasting: Company) -> None:
    publish(lasting, "2026-11-01", "2026-11-02")
    run = in_the_morning(lasting, "2026-11-04")
    assert isinstance(run, dg.RunRequest)
    assert asked([run]) == {"customer_lifetime_value": ("2026-11-03", "2026-11-03")}
    carry_out(lasting, [run])
    query = "select count(*) from marts.customer_lifetime_value where as_of_date = '2026-11-03'"
    assert lasting.query(query) == [(2,)]


def test_in_the_morning_what_comes_before_an_asset_is_computed_with_it(lasting: Company) -> None:
    publish(lasting, "2026-11-01")
    run = in_the_morning(lasting, "2026-11-03", "customer_value_forecast")
    assert isinstance(run, dg.RunRequest)
    before = ("customer_features", "forecast_backtest", "customer_value_forecast")
    assert asked([run]) == dict.fromkeys(before, ("2026-11-02", "2026-11-02"))


def test_in_the_morning_nothing_is_asked_for_where_yesterday_is_there(lasting: Company) -> None:
    publish(lasting, "2026-11-01", "2026-11-02")
    assert in_the_morning(lasting, "2026-11-03") == (
        "customer_lifetime_value is there through 2026-11-02 or being computed, or nothing is published yet."
    )


def test_in_the_morning_yesterday_is_asked_for_though_the_warehouse_is_being_written(lasting: Company) -> None:
    publish(lasting, "2026-11-01")
    with held_open(lasting.data / "warehouse.duckdb"):
        run = in_the_morning(lasting, "2026-11-03")
    assert isinstance(run, dg.RunRequest)
    assert asked([run]) == {"customer_lifetime_value": ("2026-11-02", "2026-11-02")}


def test_each_morning_has_run_keys_of_its_own(lasting: Company) -> None:
    publish(lasting, "2026-11-01")
    mornings = [in_the_morning(lasting, "2026-11-03"), in_the_morning(lasting, "2026-11-04")]
    keys = [run.run_key for run in mornings if isinstance(run, dg.RunRequest)]
    assert len(keys) == len(set(keys)) == 2


def test_where_the_days_have_a_set_end_the_mornings_after_it_ask_for_nothing(lasting: Company) -> None:
    publish(lasting, "2026-11-10")
    assert in_the_morning(lasting, "2026-12-24") == (
        "customer_lifetime_value is there through 2026-12-23 or being computed, or nothing is published yet."
    )

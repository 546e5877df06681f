"""What the project relies on in Dagster beyond its documented interface; an upgrade that changes it shows here."""

from collections.abc import Iterator

import dagster as dg

from customer_analytics.components.resources import PublishedDays

DAYS = dg.DailyPartitionsDefinition(start_date="2026-11-01", end_date="2026-11-06")
RANGE = {
    "dagster/asset_partition_range_start": "2026-11-01",
    "dagster/asset_partition_range_end": "2026-11-04",
}


def run(published: list[str], *, then_fail: bool, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """An asset that publishes some days of a range, with an asset that depends on it."""

    @dg.asset(
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        io_manager_key="published_days",
        check_specs=[dg.AssetCheckSpec(name="good", asset="source", blocking=True, partitions_def=DAYS)],
    )
    def source(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckEvaluation | dg.Output[list[str] | None]]:
        for day in context.partition_keys:
            yield dg.AssetCheckEvaluation(
                asset_key=context.asset_key, check_name="good", passed=day in published, partition=day
            )
            context.add_asset_metadata({"day": day}, partition_key=day)
        yield dg.Output(published, output_name="result")
        yield dg.Output(None, output_name="source_good")
        if then_fail:
            raise dg.Failure(allow_retries=False)

    @dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run(), deps=[source])
    def derived() -> None: ...

    definitions = dg.Definitions(assets=[source, derived], resources={"published_days": PublishedDays()})
    return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, tags=RANGE, raise_on_error=False
    )


def test_an_io_manager_can_narrow_the_days_of_a_range_that_are_recorded() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(["2026-11-01", "2026-11-03"], then_fail=False, instance=instance).success
        assert instance.get_materialized_partitions(dg.AssetKey("source")) == {"2026-11-01", "2026-11-03"}


def test_what_depends_on_a_narrowed_range_runs_for_all_of_it() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(["2026-11-01"], then_fail=False, instance=instance)
        assert len(instance.get_materialized_partitions(dg.AssetKey("derived"))) == 4


def test_days_stay_recorded_when_the_step_fails_after_its_output() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert not run(["2026-11-02"], then_fail=True, instance=instance).success
        statuses = instance.get_status_by_partition(dg.AssetKey("source"), DAYS.get_partition_keys(), DAYS) or {}
        assert {day: status.value for day, status in statuses.items() if status} == {
            "2026-11-01": "FAILED",
            "2026-11-02": "MATERIALIZED",
            "2026-11-03": "FAILED",
            "2026-11-04": "FAILED",
        }
        assert instance.get_materialized_partitions(dg.AssetKey("derived")) == set()


def test_checks_and_metadata_of_a_range_are_recorded_per_day() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(["2026-11-01"], then_fail=False, instance=instance)
        checks = {e.partition: e.passed for e in result.get_asset_check_evaluations()}
        assert checks == {"2026-11-01": True, "2026-11-02": False, "2026-11-03": False, "2026-11-04": False}
        [event] = result.asset_materializations_for_node("source")
        assert (event.partition, event.metadata["day"].value) == ("2026-11-01", "2026-11-01")


def test_a_check_counts_as_a_partitions_state_when_it_points_to_its_materialization() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run(["2026-11-01", "2026-11-02"], then_fail=False, instance=instance)
        key = dg.AssetCheckKey(dg.AssetKey("source"), "good")
        states = instance.event_log_storage.get_asset_check_partition_info([key])
        assert {state.partition_key: state.is_current for state in states} == {
            "2026-11-01": False,
            "2026-11-02": False,
            "2026-11-03": True,
            "2026-11-04": True,
        }

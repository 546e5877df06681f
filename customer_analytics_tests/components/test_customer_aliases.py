"""Merged customers: the file is read when it changes, counts for all of history, and a wrong one changes nothing."""

import dagster as dg

from customer_analytics.components.resources import build_resources
from customer_analytics.settings import Settings
from customer_analytics_tests.components.conftest import Company, failure_of

SAME = "The aliases are those that were read last."


def write(company: Company, *lines: str) -> None:
    path = company.data / "customer_aliases.csv"
    path.write_text("\n".join(["alias_id,customer_id", *lines]) + "\n", encoding="utf-8")


def look(company: Company) -> dg.RunRequest | str:
    """One tick of the sensor."""
    with dg.build_sensor_context(
        instance=company.instance, resources=build_resources(Settings()), definitions=company.definitions
    ) as context:
        result = company.definitions.get_sensor_def("customer_aliases_changed")(context)
    if isinstance(result, dg.SkipReason):
        return str(result.skip_message)
    assert isinstance(result, dg.RunRequest)
    return result


def customers(company: Company) -> list[tuple[str, int]]:
    return company.query(
        "select customer_id, order_count from marts.customer_lifetime_value where as_of_date = '2026-11-01' order by 1"
    )


def value(company: Company) -> None:
    assert company.materialize("customer_lifetime_value", day="2026-11-01").success


def test_without_a_file_there_is_nothing_to_read(company: Company) -> None:
    assert look(company) == "There is no warehouse yet."
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    assert look(company) == SAME
    assert company.materialize("customer_aliases").success


def test_a_changed_file_is_read_and_makes_one_customer_of_two_in_all_of_history(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    value(company)
    assert customers(company) == [("alice", 1), ("bob", 1)]
    write(company, "bob,alice")
    assert isinstance(look(company), dg.RunRequest)
    result = company.materialize("customer_aliases")
    [event] = result.asset_materializations_for_node("customer_aliases")
    assert (event.metadata["dagster/row_count"].value, event.metadata["has_changed"].value) == (1, True)
    assert look(company) == SAME
    value(company)
    assert customers(company) == [("alice", 2)]

    (company.data / "customer_aliases.csv").unlink()
    assert isinstance(look(company), dg.RunRequest)
    assert company.materialize("customer_aliases").success
    value(company)
    assert customers(company) == [("alice", 1), ("bob", 1)]


def test_a_wrong_file_fails_its_run_with_the_line_and_changes_nothing(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    write(company, "bob,alice")
    company.materialize("customer_aliases")
    write(company, "bob,alice", "alice,bob")
    assert isinstance(look(company), dg.RunRequest)
    result = company.materialize("customer_aliases")
    assert not result.success
    assert "customer_aliases.csv, line 3: bob -> alice -> bob leads back to where it was" in failure_of(result)
    assert company.query("from marts.customer_aliases") == [("bob", "alice")]


def test_merging_parting_and_merging_again_are_each_asked_for(company: Company) -> None:
    """Dagster never starts a second run with a run key that it has seen."""
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    keys = []
    for aliases in (["bob,alice"], [], ["bob,alice"]):
        write(company, *aliases)
        asked = look(company)
        assert isinstance(asked, dg.RunRequest)
        keys.append(asked.run_key)
        assert company.materialize("customer_aliases").success
    assert len(set(keys)) == 3


def test_a_file_that_is_put_back_after_a_refused_one_is_read_so_that_the_failure_is_over(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    write(company, "bob,alice")
    assert company.materialize("customer_aliases").success
    write(company, "bob,bob")
    refused = look(company)
    assert not company.materialize("customer_aliases").success
    write(company, "bob,alice")
    put_back = look(company)
    assert isinstance(refused, dg.RunRequest)
    assert isinstance(put_back, dg.RunRequest)
    assert put_back.run_key != refused.run_key
    assert company.materialize("customer_aliases").success
    assert look(company) == SAME


def test_where_a_file_is_none_the_run_says_so_and_what_was_read_last_counts(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    write(company, "bob,alice")
    assert company.materialize("customer_aliases").success
    path = company.data / "customer_aliases.csv"
    path.unlink()
    path.mkdir()
    assert isinstance(look(company), dg.RunRequest)
    assert f"{path} cannot be read: it is not a file" in failure_of(company.materialize("customer_aliases"))
    assert company.query("from marts.customer_aliases") == [("bob", "alice")]


def test_a_file_that_the_file_system_does_not_give_is_told(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    (company.data / "customer_aliases.csv").symlink_to("x" * 300)
    assert isinstance(look(company), dg.RunRequest)
    assert "cannot be read: File name too long" in failure_of(company.materialize("customer_aliases"))


def test_a_wrong_file_is_not_asked_for_again_within_the_hour(company: Company) -> None:
    company.land_good_orders("2026-11-01")
    company.materialize("orders", day="2026-11-01")
    write(company, "bob,bob")
    first, second = look(company), look(company)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key

"""One look at everything: who is told what, when, and that nothing is told twice or lost."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb
import pytest
from dagster._daemon.types import DaemonHeartbeat
from filelock import FileLock

from customer_analytics.components.catalog import declared_watch
from customer_analytics.components.runs import LoadOutcome, load_tag
from customer_analytics.components.watch import Look, look
from customer_analytics.components.watched import Watched
from customer_analytics.landing.folder import Delivery, LandingArea
from customer_analytics.metrics.derived import DERIVED_ASSETS
from customer_analytics.settings import Settings
from customer_analytics_tests.alerting.sinks import Sink, http_sink
from customer_analytics_tests.components.conftest import Company
from customer_analytics_tests.run_events import dies_at_work
from customer_analytics_tests.scenario import open_at

TO_DO = (
    "What to do: Ask whoever delivers orders. Once the files and their flag are there, they are loaded by themselves. "
    "If nothing will come, name the day in the schedule's without_delivery."
)
MARKETING = "event_id,customer_id,event_type,event_date,campaign_id\n"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


@dataclass
class Desk:
    """A company, and the sink that all its alerts go to. Watching began on the 2nd, at 05:00."""

    company: Company
    sink: Sink
    watched: Watched = field(default_factory=declared_watch)

    def look(self, text: str) -> Look:
        found = look(self.watched, Settings(), self.company.instance, at(text))
        assert found is not None
        return found

    def titles(self, text: str) -> list[str]:
        """What arrives because of a look."""
        before = len(self.sink.titles)
        self.look(text)
        return sorted(self.sink.titles[before:])

    def load(self, *days: str) -> None:
        """All three sources of the days are delivered and published, and what follows is derived."""
        self.company.land_good_orders(*days)
        for day in days:
            self.company.land_tickets(day, "alice")
            self.company.land("marketing_events", day, f"{MARKETING}{day},alice,email_sent,{day},c\n")
            result = self.company.materialize(*SOURCES, *DERIVED_ASSETS, day=day)
            assert result.success


SENSORS = (
    "customer_aliases_changed",
    "customer_health_report_due",
    "refresh_customers",
    "vanished_runs",
    "watch",
)
SOURCES = ("orders", "support_tickets", "marketing_events")


@pytest.fixture
def desk(lasting: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with http_sink() as sink:
        monkeypatch.setenv("CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM", sink.url)
        desk = Desk(lasting, sink)
        assert desk.titles("02 05:00") == []
        yield desk


def test_a_day_that_has_not_landed_is_told_at_its_deadline_and_once(desk: Desk) -> None:
    assert desk.titles("02 06:00") == []
    assert desk.titles("02 06:01") == [
        f"[critical] {source}: 1 day has not landed by the deadline" for source in sorted(SOURCES)
    ]
    assert desk.titles("02 06:02") == []
    assert desk.titles("02 07:01") == [f"[critical] {len(DERIVED_ASSETS)} incidents: {len(DERIVED_ASSETS)} open"]


def test_the_message_says_what_happened_who_is_affected_and_what_to_do(desk: Desk) -> None:
    desk.look("02 06:01")
    [message] = [each for each in desk.sink.arrived if "orders" in each.title]
    assert message.body.splitlines() == [
        "2026-11-01 was due at 2026-11-02 06:00 UTC",
        "Day: 2026-11-01",
        "",
        "Affected:",
        "- customer_lifetime_value of 2026-11-01 and every day after it (team:analytics)",
        "- customer_features of 2026-11-01 and every day after it (team:analytics)",
        "- forecast_backtest of 2026-11-01 and every day after it (team:analytics)",
        "- customer_value_forecast of 2026-11-01 and every day after it (team:analytics)",
        "- at_risk_customers of 2026-11-01 and every day after it (team:customer-success)",
        "",
        TO_DO,
        "http://127.0.0.1:3000/assets/orders?view=partitions&partition=2026-11-01",
    ]


def test_publishing_an_old_day_clears_nothing_and_publishing_the_day_ends_it(desk: Desk) -> None:
    desk.look("02 06:01")
    desk.look("03 07:01")
    before = len(desk.sink.arrived)
    desk.load("2026-11-01")
    desk.look("03 07:02")
    desk.look("03 07:20")
    assert len(desk.sink.arrived) == before
    desk.load("2026-11-02")
    desk.look("03 07:30")
    assert len(desk.sink.arrived) == before
    assert desk.titles("03 07:40") == ["[resolved] 8 incidents: 8 resolved"]


def test_a_day_that_is_held_back_is_told_with_the_check_that_holds_it_and_ends_when_it_is_published(desk: Desk) -> None:
    desk.load("2026-11-01")
    desk.company.land_bad_orders("2026-11-01")
    assert not desk.company.materialize("orders", day="2026-11-01").success
    assert desk.titles("02 05:30") == ["[critical] orders: 1 day has been held back by a check"]
    assert "quarantine_rate: 90.00% (9 records" in desk.sink.arrived[-1].body
    assert desk.titles("02 05:31") == []
    desk.load("2026-11-01")
    desk.look("02 05:32")
    assert desk.titles("02 05:42") == ["[resolved] orders: 1 day has been held back by a check"]


def test_a_day_that_is_held_back_is_not_told_again_as_one_that_was_not_published_in_time(desk: Desk) -> None:
    desk.company.land_bad_orders("2026-11-01")
    assert not desk.company.materialize("orders", day="2026-11-01").success
    assert desk.titles("02 06:45") == [
        "[critical] marketing_events: 1 day has not landed by the deadline",
        "[critical] orders: 1 day has been held back by a check",
        "[critical] support_tickets: 1 day has not landed by the deadline",
    ]


def test_a_check_that_warns_on_a_green_run_is_told(desk: Desk) -> None:
    desk.load("2026-11-01")
    desk.company.land_orders("2026-11-01", "alice,2026-11-01,1.00,paid", ",2026-11-01,1.00,paid")
    assert desk.company.materialize("orders", "customer_lifetime_value", day="2026-11-01").success
    told = desk.titles("02 05:30")
    assert "[warning] orders: quarantine_rate warns" in told
    assert all(title.startswith("[warning] orders: ") for title in told)


def test_a_run_that_died_is_told_once_and_the_next_good_one_ends_it(desk: Desk) -> None:
    desk.load("2026-11-01")
    run = dg.DagsterRun(
        job_name="job",
        status=dg.DagsterRunStatus.FAILURE,
        tags={load_tag("orders"): "started", "dagster/partition": "2026-11-01"},
    )
    desk.company.instance.add_run(run)
    assert desk.titles("02 05:30") == ["[critical] orders: a run failed"]
    assert f"http://127.0.0.1:3000/runs/{run.run_id}" in desk.sink.arrived[-1].body
    assert desk.titles("02 05:31") == []
    desk.company.instance.add_run(
        dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.SUCCESS, tags={load_tag("orders"): "published"})
    )
    desk.look("02 05:32")
    assert desk.titles("02 05:42") == ["[resolved] orders: a run failed"]


def test_a_failed_run_is_told_with_what_this_project_says_of_it_and_nothing_that_others_say(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Delivery:
        message = "somebody's value"
        raise ValueError(message)

    monkeypatch.setattr(LandingArea, "open", fails)
    desk.company.materialize("orders", day="2026-11-01")
    assert desk.titles("02 05:30") == ["[critical] orders: a run failed"]
    assert "somebody" not in desk.sink.arrived[-1].body
    Settings().aliases_path.write_text("alias,customer\n", encoding="utf-8")
    desk.company.materialize("customer_aliases")
    assert desk.titles("02 05:45") == ["[critical] customer_aliases: a run failed"]
    assert "the header must name alias_id and customer_id" in desk.sink.arrived[-1].body


def test_a_crashed_run_that_will_be_started_again_is_not_told_yet(desk: Desk) -> None:
    tags = {load_tag("orders"): "started", "dagster/will_retry": "true"}
    crashed = dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.FAILURE, tags=tags)
    desk.company.instance.add_run(crashed)
    assert desk.titles("02 05:30") == []
    desk.company.instance.add_run_tags(crashed.run_id, {"dagster/auto_retry_run_id": "another"})
    assert desk.titles("02 05:31") == ["[critical] orders: a run failed"]


def fails_thrice(desk: Desk, asset: str, outcome: LoadOutcome) -> None:
    for _ in range(3):
        run = dg.DagsterRun(job_name="job", tags={load_tag(asset): outcome})
        dies_at_work(desk.company.instance, desk.company.instance.add_run(run))


def test_an_asset_that_is_paused_is_told_once(desk: Desk) -> None:
    fails_thrice(desk, "orders", "held_back")
    assert desk.titles("02 05:30") == ["[critical] orders: paused after failures in a row"]
    assert desk.titles("02 05:31") == []


def test_the_aliases_are_never_paused_and_their_failure_is_told_as_that_of_a_run(desk: Desk) -> None:
    fails_thrice(desk, "customer_aliases", "started")
    assert desk.titles("02 05:30") == ["[critical] customer_aliases: a run failed"]


def stopped(found: Look) -> dict[str, str]:
    return {each.subject: each.details[0] for each in found.problems if each.kind == "stopped"}


def beat(instance: dg.DagsterInstance, moment: datetime) -> None:
    """Every daemon gives a sign of life."""
    for daemon in instance.get_required_daemon_types():
        instance.add_daemon_heartbeat(DaemonHeartbeat(moment.timestamp(), daemon, "1"))


def look_until(desk: Desk, minute: int, first: int = 0) -> dict[str, str]:
    """What has stopped at 05:<minute>, after looks every other minute from the first one on."""
    for each in range(first, minute, 2):
        desk.look(f"02 05:{each:02}")
    return stopped(desk.look(f"02 05:{minute:02}"))


def test_a_daemon_that_is_silent_is_told_as_one_problem(desk: Desk) -> None:
    assert look_until(desk, 10) == {}
    [(subject, words)] = look_until(desk, 11, first=10).items()
    assert subject == "dagster-daemon"
    assert words.endswith("The last sign of life: none ever.")
    beat(desk.company.instance, at("02 05:12"))
    assert look_until(desk, 13, first=12) == {}
    assert "02 05:12 UTC" in look_until(desk, 23, first=14)["dagster-daemon"]


def test_sensors_that_are_all_silent_while_the_daemon_runs_are_told_as_one_problem(desk: Desk) -> None:
    beat(desk.company.instance, at("02 05:11"))
    [(subject, words)] = look_until(desk, 11).items()
    assert subject == "sensors"
    assert all(sensor in words for sensor in (*(f"{source}_flag" for source in SOURCES), *SENSORS))
    assert words.endswith("The last look that succeeded: none ever.")


def test_sensors_are_not_blamed_when_their_daemon_is_only_just_back(desk: Desk) -> None:
    assert set(look_until(desk, 11)) == {"dagster-daemon"}
    beat(desk.company.instance, at("02 05:12"))
    assert look_until(desk, 21, first=12) == {}
    beat(desk.company.instance, at("02 05:34"))
    assert set(look_until(desk, 34, first=22)) == {"sensors"}


def test_after_a_break_of_everything_the_first_to_look_again_blames_nobody_at_once(desk: Desk) -> None:
    beat(desk.company.instance, at("02 05:00"))
    assert stopped(desk.look("02 05:59")) == {}


def test_a_sink_that_is_down_loses_nothing(desk: Desk) -> None:
    desk.sink.status = 503
    found = desk.look("02 06:01")
    assert any("503" in note for note in found.notes)
    assert desk.sink.arrived == []
    desk.sink.status = 200
    moment = at("02 06:02")
    while len(desk.sink.arrived) < 3 and moment < at("02 08:00"):
        moment += timedelta(seconds=30)
        desk.look(f"{moment:%d %H:%M:%S}")
    assert {title.split(":")[0] for title in desk.sink.titles} >= {f"[critical] {source}" for source in SOURCES}


def test_what_cannot_be_looked_at_is_told_and_keeps_nobody_from_being_told_of_the_rest(desk: Desk) -> None:
    (desk.company.data / "serving.duckdb").write_bytes(b"this is not a database" * 1000)
    desk.company.instance.add_run(
        dg.DagsterRun(job_name="job", status=dg.DagsterRunStatus.FAILURE, tags={load_tag("orders"): "started"})
    )
    assert desk.titles("02 05:30") == ["[critical] Alerting cannot look at the data", "[critical] orders: a run failed"]


def test_where_the_snapshot_is_gone_nothing_is_taken_for_well(desk: Desk) -> None:
    desk.load("2026-11-01")
    desk.company.land_bad_orders("2026-11-02")
    desk.company.materialize("orders", day="2026-11-02")
    assert any("orders" in title for title in desk.titles("03 05:30"))
    settings = Settings()
    settings.serving_path.unlink()
    with open_at(settings.warehouse_path):
        pass_over = desk.look("03 05:31")
    assert (pass_over.problems, pass_over.resolved, pass_over.notes) == ([], [], [])
    blind = desk.look("03 05:32")
    assert [problem.title for problem in blind.problems] == ["Alerting cannot look at the data"]
    assert blind.resolved == []
    [note] = blind.notes
    assert note.endswith("`customer-analytics upgrade` makes it anew.")


def test_nobody_is_told_of_a_source_that_is_declared_no_more(desk: Desk) -> None:
    desk.load("2026-11-01")
    with duckdb.connect(str(Settings().serving_path)) as serving:
        serving.execute(
            """insert into quality.audits
               select 'refunds', '2026-11-01', outcome, outcome, '', '', null, 'run', '2026-11-02 05:00:00'
               from (values ('failed'), ('warned')) as outcomes (outcome)"""
        )
    assert desk.titles("02 05:30") == []


def test_only_one_looks_at_a_time(desk: Desk) -> None:
    answers: list[Look | None] = []
    with FileLock(Settings().alerts_path.with_suffix(".lock")):
        thread = threading.Thread(
            target=lambda: answers.append(look(desk.watched, Settings(), desk.company.instance, at("02 06:01")))
        )
        thread.start()
        thread.join()
    assert answers == [None]
    assert desk.sink.arrived == []


def test_where_nothing_is_sent_the_incidents_are_kept_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUSTOMER_ANALYTICS_ALERTS_DATA_TEAM")
    assert len(desk.look("02 06:01").opened) == 3
    with sqlite3.connect(Settings().alerts_path) as store:
        assert store.execute("select count(*) from incidents").fetchone() == (3,)
        assert store.execute("select count(*) from messages").fetchone() == (0,)

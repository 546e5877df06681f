"""Adding a source: one command, and its first day is published, with nothing else touched."""

import hashlib
from pathlib import Path

import dagster as dg

from customer_analytics.quality.audit import CHECKS
from customer_analytics.quality.timeliness import ON_TIME
from customer_analytics_tests.end_to_end.project import PARTS, Project, copy_project

DAY = "2026-11-03"


def files(project: Project) -> dict[str, str]:
    """By path, the hash of every file of the copy that belongs to the project."""
    return {
        str(path.relative_to(project.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in PARTS
        for path in [project.root / part, *(project.root / part).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_scaffolded_source_publishes_its_first_day_and_nothing_else_is_touched(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    before = files(project)

    scaffolded = project.run("dg", "scaffold", "defs", "customer_analytics.components.DailySource", "refunds")
    assert scaffolded.returncode == 0, scaffolded.stdout
    after = files(project)
    assert {path: after[path] for path in before} == before
    assert set(after) - set(before) == {
        "customer_analytics/defs/refunds/defs.yaml",
        "customer_analytics/contracts/refunds.py",
    }

    project.land("refunds", DAY, f"id,customer_id,happened_at\nr1,alice,{DAY} 08:00:00\nr2,bob,{DAY} 09:30:00\n")
    launched = project.run("dg", "launch", "--assets", "refunds", "--partition", DAY)
    assert launched.returncode == 0, launched.stdout
    assert files(project) == after
    assert project.query("select delivery_day::varchar, id, customer_id from sources.refunds order by id") == [
        (DAY, "r1", "alice"),
        (DAY, "r2", "bob"),
    ]
    audits = project.query("select check_name, outcome from quality.audits where dataset = 'refunds' order by 1")
    assert audits == [(check, "passed") for check in sorted(CHECKS | ON_TIME)]
    with project.instance() as instance:
        for check in CHECKS | ON_TIME:
            key = dg.AssetCheckKey(dg.AssetKey("refunds"), check)
            [record] = instance.event_log_storage.get_asset_check_execution_history(key, limit=5)
            assert record.status.value == "SUCCEEDED"
            assert record.event
            evaluation = record.event.asset_check_evaluation
            assert evaluation
            assert evaluation.partition == DAY

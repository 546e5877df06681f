"""Problems with data: what the audits of the serving snapshot say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb

from customer_analytics.alerting.problem import Kind, Problem, Severity
from customer_analytics.alerting.surroundings import Surroundings, counted
from customer_analytics.reporting.durations import Slow

# A warning is told of the latest day, and of what was audited lately, if it is not about old days.
RECENT_DAYS = 7
RECENT_AUDITS = timedelta(hours=24)

# Deadlines tell of these themselves.
TOLD_ELSEWHERE = ("on_time", "inputs_fresh")


@dataclass(frozen=True)
class Finding:
    """A check of a day that did not pass."""

    dataset: str
    day: date
    check: str
    found: str
    expected: str


def blocking_findings(serving: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What holds days back, whichever days these are."""
    rows = serving.execute(
        """select dataset, day, check_name, found, expected from quality.audits
           where outcome = 'failed' order by dataset, day, check_name"""
    ).fetchall()
    return [Finding(*row) for row in rows]


def warning_findings(serving: duckdb.DuckDBPyConnection, now: datetime) -> list[Finding]:
    """Warnings of published days: of the latest day of each check, and of recent ones that were audited lately."""
    rows = serving.execute(
        """select dataset, day, check_name, found, expected from quality.audits
           where not list_contains($told_elsewhere, check_name) and day >= $first_day
           qualify outcome = 'warned'
             and (day = max(day) over (partition by dataset, check_name) or audited_at >= $audited_since)
             and not bool_or(outcome = 'failed') over (partition by dataset, day)
           order by dataset, check_name, day""",
        {
            "told_elsewhere": list(TOLD_ELSEWHERE),
            "first_day": now.date() - timedelta(days=RECENT_DAYS),
            "audited_since": now.astimezone(UTC).replace(tzinfo=None) - RECENT_AUDITS,
        },
    ).fetchall()
    return [Finding(*row) for row in rows]


def held_back_problems(findings: Sequence[Finding], surroundings: Surroundings) -> list[Problem]:
    """One problem for each dataset of which a check holds days back."""
    problems = []
    for dataset in dict.fromkeys(finding.dataset for finding in findings):
        telling = _Telling(dataset, [finding for finding in findings if finding.dataset == dataset], surroundings)
        problems.append(
            telling.problem(
                "held_back",
                dataset,
                "critical",
                f"{counted(telling.days)} been held back by a check",
                f"The days keep what they had. Look at them: customer-analytics quarantine show {dataset} "
                f"{telling.days[0]}. Have them delivered again, or correct and release them.",
            )
        )
    return problems


def warning_problems(findings: Sequence[Finding], surroundings: Surroundings) -> list[Problem]:
    """One problem for each check that lets days through with a warning."""
    problems = []
    for dataset, check in dict.fromkeys((finding.dataset, finding.check) for finding in findings):
        of_check = [finding for finding in findings if (finding.dataset, finding.check) == (dataset, check)]
        problems.append(
            _Telling(dataset, of_check, surroundings).problem(
                "check_warned",
                f"{dataset}.{check}",
                "warning",
                f"{check} warns",
                "The days are published. Decide whether their numbers can be used; the check's page has more.",
            )
        )
    return problems


@dataclass(frozen=True)
class _Telling:
    """Findings about one dataset that are told together."""

    dataset: str
    findings: Sequence[Finding]
    surroundings: Surroundings

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(dict.fromkeys(finding.day for finding in self.findings))

    def problem(self, kind: Kind, subject: str, severity: Severity, words: str, to_do: str) -> Problem:
        return Problem(
            kind=kind,
            subject=subject,
            severity=severity,
            title=f"{self.dataset}: {words}",
            details=tuple(
                f"{each.day}, {each.check}: {each.found}; expected {each.expected}" for each in self.findings
            ),
            to_do=to_do,
            owners=self.surroundings.owners_of(self.dataset),
            days=self.days,
            affected=self.surroundings.affected_by(self.dataset, self.days),
            link=self.surroundings.links.checks(self.dataset, self.findings[0].check),
        )


def slow_problems(slow: Sequence[Slow], surroundings: Surroundings) -> list[Problem]:
    """One problem for each dataset whose latest load took much longer than usual."""
    return [
        Problem(
            kind="slow",
            subject=each.dataset,
            severity="warning",
            title=f"{each.dataset}: a load took much longer than usual",
            details=(each.words,),
            to_do="See what ran beside it, how full the disk is, and whether the delivery was unusually large.",
            owners=surroundings.owners_of(each.dataset),
            link=surroundings.links.run(each.load.run_id),
        )
        for each in slow
    ]

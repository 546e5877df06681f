"""``customer-analytics doctor``."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from customer_analytics.cli.common import Json, console, declared, print_json
from customer_analytics.settings import Settings, setting_errors

if TYPE_CHECKING:
    from customer_analytics.reporting.doctor import Finding


def doctor(as_json: Json = False) -> None:
    """Is the environment sane: versions, settings, disk, lock, schema, definitions? Exit code 1 where it is not."""
    from pydantic import ValidationError

    from customer_analytics.reporting.doctor import Finding, examine
    from customer_analytics.reporting.printing import print_findings

    try:
        findings = [*examine(Settings()), _definitions()]
    except ValidationError as error:
        findings = [Finding("settings", "error", setting_errors(error))]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_findings(console, findings)
    if any(finding.verdict == "error" for finding in findings):
        raise typer.Exit(1)


def _definitions() -> "Finding":
    from customer_analytics.reporting.doctor import Finding

    try:
        names = ", ".join(source.name for source in declared())
    except Exception as error:  # whatever keeps them from loading is the finding
        words = str(error).partition("\n")[0] or type(error).__name__
        return Finding("definitions", "error", f"{words} `dg check defs` says more.")
    return Finding("definitions", "ok", f"sources: {names}")

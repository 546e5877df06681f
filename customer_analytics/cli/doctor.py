"""``customer-analytics doctor``."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from customer_analytics.cli.common import Json, console, print_json
from customer_analytics.settings import Settings, setting_errors

if TYPE_CHECKING:
    from customer_analytics.components.watched import Watched
    from customer_analytics.reporting.doctor import Finding


def doctor(as_json: Json = False) -> None:
    """Is the environment sane: versions, settings, disk, lock, schema, definitions? Exit code 1 where it is not."""
    from pydantic import ValidationError

    from customer_analytics.reporting.doctor import Finding, examine
    from customer_analytics.reporting.printing import print_findings

    try:
        settings = Settings()
        findings = [*examine(settings), *_definitions(settings)]
    except ValidationError as error:
        findings = [Finding("settings", "error", setting_errors(error))]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_findings(console, findings)
    if any(finding.verdict == "error" for finding in findings):
        raise typer.Exit(1)


def _definitions(settings: Settings) -> "Iterator[Finding]":
    from customer_analytics.components.alerts import declared_conflicts
    from customer_analytics.components.catalog import declared_watch
    from customer_analytics.reporting.doctor import Finding

    try:
        watched = declared_watch()
    except Exception as error:  # whatever keeps them from loading is the finding
        words = str(error).partition("\n")[0] or type(error).__name__
        yield Finding("definitions", "error", f"{words} `dg check defs` says more.")
        return
    yield Finding("definitions", "ok", f"sources: {', '.join(sorted(watched.timetable.deliveries))}")
    conflicts = declared_conflicts(watched.timetable, datetime.now(UTC))
    yield Finding("schedule", "warning" if conflicts else "ok", " ".join(conflicts) or "the declared times can be kept")
    yield _channels(watched)
    yield _webhooks(watched, settings)


def _channels(watched: "Watched") -> "Finding":
    from customer_analytics.alerting.channels import read_channels
    from customer_analytics.reporting.doctor import Finding

    channels = read_channels(watched.routing.channels, os.environ)
    if channels.faults:
        return Finding("alerts", "error", "; ".join(channels.faults))
    if not channels.senders:
        return Finding("alerts", "warning", f"nobody is told; set {' or '.join(watched.routing.channels.values())}")
    return Finding("alerts", "ok", f"go to {', '.join(channels.senders)}")


def _webhooks(watched: "Watched", settings: Settings) -> "Finding":
    from customer_analytics.alerting.unreachable import read_webhooks
    from customer_analytics.alerting.webhook import misconfigured
    from customer_analytics.reporting.doctor import Finding

    webhooks = read_webhooks(watched.webhooks, os.environ)
    wrong = [misconfigured(each, allow_private=settings.webhook_allow_private) for each in webhooks]
    if any(wrong):
        return Finding("webhooks", "error", "; ".join(filter(None, wrong)))
    return Finding("webhooks", "ok", ", ".join(webhook.name for webhook in webhooks) or "none are set")

"""Systems downstream: which there are, as the environment says, and those that cannot be told."""

from collections.abc import Mapping, Sequence

from customer_analytics.alerting.calls import Overdue
from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.routing import WebhookVariables
from customer_analytics.alerting.webhook import Webhook, misconfigured


def read_webhooks(declared: Sequence[WebhookVariables], environment: Mapping[str, str]) -> list[Webhook]:
    """The webhooks whose URL is set; the others are off."""
    return [
        Webhook(each.name, environment[each.url], environment.get(each.secret, ""))
        for each in declared
        if environment.get(each.url)
    ]


def webhook_problems(webhooks: Sequence[Webhook], overdue: Sequence[Overdue], *, allow_private: bool) -> list[Problem]:
    """Systems downstream that have not been told for too long, or never can be as they are set."""
    wrong = [(each.name, words) for each in webhooks if (words := misconfigured(each, allow_private=allow_private))]
    return [
        *(_unreachable(each) for each in overdue if each.webhook not in dict(wrong)),
        *(_problem(name, (words,), "Mend the environment variable; the calls wait.") for name, words in wrong),
    ]


def _unreachable(overdue: Overdue) -> Problem:
    since = f"{overdue.since:%Y-%m-%d %H:%M} UTC"
    details = (
        f"{overdue.waiting:,} calls wait, since {since}; {overdue.given_up:,} were given up.",
        overdue.last_error,
    )
    to_do = "Ask whoever runs it. Calls are tried for about a day; the figures themselves are all right."
    return _problem(overdue.webhook, details, to_do)


def _problem(webhook: str, details: tuple[str, ...], to_do: str) -> Problem:
    return Problem(
        kind="webhook_failed",
        subject=webhook,
        severity="warning",
        title=f"The webhook {webhook} cannot be called",
        details=details,
        to_do=to_do,
        affected=(f"whatever waits for {webhook}",),
    )

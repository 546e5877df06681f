"""Systems downstream: which there are, as YAML and environment say, and those that cannot be told."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from customer_analytics.alerting.calls import Overdue
from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.routing import ChannelName, VariableName
from customer_analytics.alerting.surroundings import Surroundings
from customer_analytics.alerting.webhook import Webhook


class WebhookVariables(BaseModel):
    """A system downstream, and the environment variables that have its URL and the secret that signs calls to it."""

    # An input that is wrong may be the URL or the secret itself.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: ChannelName
    url: VariableName
    secret: VariableName


def read_webhooks(declared: Sequence[WebhookVariables], environment: Mapping[str, str]) -> list[Webhook]:
    """The webhooks whose URL is set; the others are off."""
    return [
        Webhook(each.name, environment[each.url], environment.get(each.secret, ""))
        for each in declared
        if environment.get(each.url)
    ]


def webhook_problems(overdue: Sequence[Overdue], surroundings: Surroundings) -> list[Problem]:
    """One problem for each system downstream that has not been told for too long."""
    return [
        Problem(
            kind="webhook_failed",
            subject=each.webhook,
            severity="warning",
            title=f"The webhook {each.webhook} cannot be called",
            details=(
                f"{each.waiting:,} calls wait, since {each.since:%Y-%m-%d %H:%M} UTC; {each.given_up:,} were given up.",
                each.last_error,
            ),
            to_do="Ask whoever runs it. Calls are tried for about a day; the figures themselves are all right.",
            affected=(f"whatever waits for {each.webhook}",),
            link=surroundings.page_of_automation(),
        )
        for each in overdue
    ]

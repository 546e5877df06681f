"""Who is told of what: channels, the routes to them, and systems downstream, as YAML declares them."""

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from customer_analytics.alerting.problem import Kind, Severity

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Owner = Annotated[str, StringConstraints(pattern=r"^(team:\S+|[^\s@]+@[^\s@]+)$")]


class _Policy(BaseModel):
    # An input that is wrong may be a URL with a token in it or a secret, where the name of a variable should stand.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Route(_Policy):
    """A channel, and what goes to it: what meets all conditions that are given."""

    channel: ChannelName
    severity: Severity | None = None
    owner: Owner | None = Field(default=None, description="Like `team:shop`, or an e-mail address.")
    kind: Kind | None = None

    def matches(self, severity: Severity, owners: Collection[str], kind: Kind) -> bool:
        """Whether a problem like this goes to the channel."""
        return (
            self.severity in (None, severity)
            and self.kind in (None, kind)
            and (self.owner is None or self.owner in owners)
        )


class Routing(_Policy):
    """Channels, the routes to them, and how often they are told.

    Raises:
        ValidationError: a route names a channel that there is not; names both.
    """

    channels: dict[ChannelName, VariableName] = Field(
        default_factory=dict,
        description="By name: the environment variable with the channel's Apprise URLs, separated by spaces.",
    )
    routes: tuple[Route, ...] = Field(default=(), description="Every one that matches counts.")
    update_hours: float = Field(default=24, gt=0, description="What changes of an incident is told so often at most.")
    settle_minutes: float = Field(
        default=10, ge=0, description="An incident is over when its problem has not been seen for so long."
    )

    @model_validator(mode="after")
    def _channels_exist(self) -> Self:
        for number, route in enumerate(self.routes, start=1):
            if route.channel not in self.channels:
                known = ", ".join(self.channels) or "none"
                message = f"route {number} names the channel {route.channel!r}, which there is not; there are: {known}"
                raise ValueError(message)
        return self

    def channels_for(self, severity: Severity, owners: Collection[str], kind: Kind) -> list[str]:
        """The channels that are told of a problem like this, each once."""
        matching = (route.channel for route in self.routes if route.matches(severity, owners, kind))
        return list(dict.fromkeys(matching))


class WebhookVariables(_Policy):
    """A system downstream, and the environment variables that have its URL and the secret that signs calls to it."""

    name: ChannelName
    url: VariableName
    secret: VariableName

"""Routes say who is told of what; what is wrong with them is refused in words that show no secret."""

import pytest
from pydantic import ValidationError

from customer_analytics.alerting.problem import Severity
from customer_analytics.alerting.routing import Route, Routing

ROUTING = Routing.model_validate(
    {
        "channels": {"on_call": "ALERTS_ON_CALL", "data_team": "ALERTS_DATA_TEAM", "shop": "ALERTS_SHOP"},
        "routes": [
            {"channel": "on_call", "severity": "critical"},
            {"channel": "data_team"},
            {"channel": "shop", "owner": "team:shop"},
            {"channel": "shop", "owner": "lead@example.com", "kind": "slow"},
        ],
    }
)


@pytest.mark.parametrize(
    ("severity", "owners", "kind", "channels"),
    [
        ("critical", [], "held_back", ["on_call", "data_team"]),
        ("warning", ["team:marketing"], "check_warned", ["data_team"]),
        ("critical", ["team:shop", "lead@example.com"], "slow", ["on_call", "data_team", "shop"]),
        ("warning", ["lead@example.com"], "check_warned", ["data_team"]),
        ("warning", ["lead@example.com"], "slow", ["data_team", "shop"]),
    ],
)
def test_every_channel_with_a_route_that_matches(
    severity: Severity, owners: list[str], kind: str, channels: list[str]
) -> None:
    assert ROUTING.channels_for(severity, owners, kind) == channels  # type: ignore[arg-type]


def test_a_route_to_a_channel_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="route 1 names the channel 'oncall', which there is not; there are: on_"):
        Routing(channels={"on_call": "ALERTS_ON_CALL"}, routes=(Route(channel="oncall"),))


def test_a_url_where_a_variable_belongs_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Routing.model_validate({"channels": {"on_call": "slack://token-a/token-b/token-c"}})
    assert "channels.on_call" in str(refused.value)
    assert "token" not in str(refused.value)


@pytest.mark.parametrize(
    "route", [{"channel": "a", "owner": "shop"}, {"channel": "a", "severity": "bad"}, {"channel": "a", "kinds": []}]
)
def test_a_condition_that_could_never_match_is_refused(route: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Routing.model_validate({"channels": {"a": "A"}, "routes": [route]})

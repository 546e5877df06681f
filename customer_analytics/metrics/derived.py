"""What is derived, from which source, and the rule that says who is at risk."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class AtRiskRule:
    """Who is at risk as of a day, by the tickets created in the ``window_days`` that end with it.

    At risk are customers with at least ``min_tickets`` of them, or at least ``min_high_priority_tickets`` of them with
    priority high or urgent.
    """

    window_days: int = 30
    min_tickets: int = 3
    min_high_priority_tickets: int = 2

    @property
    def parameters(self) -> dict[str, object]:
        """The rule as the SQL's parameters."""
        return asdict(self)


AT_RISK_RULE = AtRiskRule()
RECOMMENDED_ACTION = "proactive_outreach"


@dataclass(frozen=True)
class DerivedAsset:
    """A table as of the end of each day, and the source it is made from.

    ``window_days`` says how many delivery days, ending with the day itself, can change its rows; None means all.
    """

    name: str
    source: str
    window_days: int | None


CUSTOMER_LIFETIME_VALUE = DerivedAsset("customer_lifetime_value", "orders", window_days=None)

# The rule counts tickets by the day they were created, and a ticket is never delivered before that day (a record of a
# later day is quarantined). So a ticket that was created in the window was delivered in the window, or after the day.
AT_RISK_CUSTOMERS = DerivedAsset("at_risk_customers", "support_tickets", window_days=AT_RISK_RULE.window_days)

DERIVED_ASSETS = {asset.name: asset for asset in (CUSTOMER_LIFETIME_VALUE, AT_RISK_CUSTOMERS)}

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


@dataclass(frozen=True)
class DerivedAsset:
    """A table as of the end of each day, the sources it is made from, and the derived assets that come before it.

    Whatever was delivered on a day or before it can change the day's rows. ``follows_yesterday`` says that they follow
    from those of the day before: then days are computed in their order, and what changes a day changes all days after
    it. ``is_stored_by_day``: the table has rows for every customer and day, which are exported day by day and kept for
    a while only.
    """

    name: str
    sources: tuple[str, ...]
    after: tuple[str, ...] = ()
    follows_yesterday: bool = False
    is_stored_by_day: bool = False


ALL_SOURCES = ("orders", "support_tickets", "marketing_events")

CUSTOMER_LIFETIME_VALUE = DerivedAsset("customer_lifetime_value", ("orders",))
CUSTOMER_FEATURES = DerivedAsset("customer_features", ALL_SOURCES, is_stored_by_day=True)
FORECAST_BACKTEST = DerivedAsset("forecast_backtest", ALL_SOURCES, after=("customer_features",))
CUSTOMER_VALUE_FORECAST = DerivedAsset(
    "customer_value_forecast", ALL_SOURCES, after=("forecast_backtest",), is_stored_by_day=True
)
AT_RISK_CUSTOMERS = DerivedAsset(
    "at_risk_customers", ALL_SOURCES, after=("customer_value_forecast",), follows_yesterday=True
)

# In the order in which they are computed.
DERIVED_ASSETS = {
    asset.name: asset
    for asset in (
        CUSTOMER_LIFETIME_VALUE,
        CUSTOMER_FEATURES,
        FORECAST_BACKTEST,
        CUSTOMER_VALUE_FORECAST,
        AT_RISK_CUSTOMERS,
    )
}


def computed_before(asset: str) -> list[str]:
    """The asset and all that comes before it, in the order in which they are computed.

    Raises:
        KeyError: there is no such derived asset.
    """
    before = {name for each in DERIVED_ASSETS[asset].after for name in computed_before(each)}
    return [name for name in DERIVED_ASSETS if name in before or name == asset]

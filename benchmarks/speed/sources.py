"""The sources as the project ships them, read from their YAML without Dagster."""

from importlib import resources

import yaml  # type: ignore[import-untyped]

from customer_analytics.contracts.contract import load_contract
from customer_analytics.contracts.policy import SourcePolicy
from customer_analytics.contracts.schedule import DeliverySchedule
from customer_analytics.contracts.source import Source


def shipped_source(name: str) -> Source:
    """The source ``name``: ``orders``, ``support_tickets`` or ``marketing_events``."""
    path = resources.files("customer_analytics.defs") / name / "defs.yaml"
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))["attributes"]
    return Source(
        declared["name"],
        load_contract(declared["contract"]),
        SourcePolicy.model_validate(declared["policy"]),
        DeliverySchedule.model_validate(declared["schedule"]),
    )

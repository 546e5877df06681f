"""A source as the pipeline runs it: its name, its contract, and the policy and schedule that its YAML declares."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from customer_analytics.contracts.contract import Contract, ContractError, is_column_name, is_source_name
from customer_analytics.contracts.policy import Limit, SourcePolicy
from customer_analytics.contracts.schedule import DeliverySchedule


@dataclass(frozen=True)
class Source:
    """One source: its name is its folder in the landing area, its asset and its table."""

    name: str
    contract: Contract
    policy: SourcePolicy
    schedule: DeliverySchedule = field(default_factory=DeliverySchedule)

    def __post_init__(self) -> None:
        if not is_source_name(self.name):
            message = f"A source is named in lower_snake_case, beginning with a letter; {self.name!r} is not."
            raise ContractError(message)
        for column in self.policy.constants:
            if column in self.contract.column_names or not is_column_name(column):
                message = (
                    f"{self.name}: constants names {column!r}; it must be lower_snake_case, and not one of "
                    f"{self.contract.name}'s columns: for those there is the check eq."
                )
                raise ContractError(message)
        unknown = sorted(set(self.policy.nulls) - set(self.contract.column_names))
        if unknown:
            message = f"{self.name}: nulls names {unknown}, which {self.contract.name} does not have."
            raise ContractError(message)

    def kept_beside(self, unknown: Iterable[str]) -> list[str]:
        """Of the delivered columns that are not promised, those whose texts are looked at."""
        if self.policy.evolution.new_columns == "evolve":
            return sorted(filter(is_column_name, unknown))
        return sorted(set(unknown) & set(self.policy.constants))

    @property
    def table(self) -> str:
        """The published table, schema included."""
        return f'sources."{self.name}"'

    @property
    def fingerprint(self) -> str:
        """SHA-256 over contract and policy; it changes when a day could be judged otherwise."""
        policy = self.policy.model_dump_json(exclude={"retention_days"})
        return hashlib.sha256(f"{self.contract.fingerprint}{policy}".encode()).hexdigest()

    def null_limits(self) -> dict[str, Limit]:
        """By column, the limit on the share of nulls; nullable columns have one only where the policy names it."""
        required = (column.name for column in self.contract.columns if not column.nullable)
        return dict.fromkeys(required, self.policy.default_nulls) | self.policy.nulls

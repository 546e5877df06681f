"""What ``dg scaffold defs`` writes for a new source: a YAML, and a contract to begin with."""

from pathlib import Path
from string import Template
from typing import Any

import dagster as dg

_CONTRACT = Template('''\
"""$title: what the source promises."""

from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from customer_analytics.contracts.fields import identifier, utc_timestamp


class $model(pa.DataFrameModel):
    """One record of $name."""

    id: str = identifier("The key: one record each", unique=True)
    customer_id: str = identifier("Whom it concerns")
    happened_at: pd.DatetimeTZDtype = utc_timestamp("When it happened, UTC")

    class Config:
        """What the contract says of itself."""

        strict = True
        metadata: ClassVar = {"version": "1.0.0", "event_time": "happened_at"}
''')


class DailySourceScaffolder(dg.Scaffolder[Any]):
    """Writes ``defs/<name>/defs.yaml``, and ``contracts/<name>.py`` unless it is there."""

    def scaffold(self, request: dg.ScaffoldRequest[Any]) -> None:
        """Write both files; the contract is a start that already loads."""
        import typer  # noqa: PLC0415 - the code location does without it

        name = request.target_path.name
        model = "".join(word.capitalize() for word in name.split("_"))
        contract = _package(request.target_path) / "contracts" / f"{name}.py"
        if not contract.exists():
            title = name.replace("_", " ").capitalize()
            contract.write_text(_CONTRACT.substitute(name=name, model=model, title=title), encoding="utf-8")
            typer.echo(f"Creating a contract at {contract}.")
        dg.scaffold_component(
            request,
            {
                "name": name,
                "contract": f"customer_analytics.contracts.{name}.{model}",
                "description": f"What {name} is, for its page.",
                "owners": [f"team:{name}"],
                "schedule": {
                    "expected": "05:00",
                    "deadline": "06:00",
                    "grace_minutes": 30,
                    "timezone": "UTC",
                    "takes_minutes": 5,
                },
                "policy": {"quarantine": {"warn": 0.05, "block": 0.6}, "retention_days": 365},
            },
        )


def _package(target: Path) -> Path:
    """The package whose ``defs/`` the target lies in, however deep."""
    return next(parent.parent for parent in target.parents if parent.name == "defs")

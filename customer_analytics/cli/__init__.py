"""``customer-analytics``: what Dagster's own commands do not do. Every command also speaks JSON.

Commands import what they need when they run: ``--help`` should not wait for Dagster.
"""

import errno
import sqlite3
from typing import Any

import typer
from dotenv import load_dotenv
from typer.core import TyperGroup

from customer_analytics.cli.common import ended
from customer_analytics.cli.contract import contract_app
from customer_analytics.cli.days import impact, status
from customer_analytics.cli.demo import demo
from customer_analytics.cli.doctor import doctor
from customer_analytics.cli.quarantine import quarantine_app
from customer_analytics.cli.replay import diff, replay
from customer_analytics.cli.report import report
from customer_analytics.cli.upgrade import upgrade
from customer_analytics.cli.uplift import uplift
from customer_analytics.cli.watch import incidents, schedule, watch
from customer_analytics.settings import PROJECT_ROOT


class Commands(TyperGroup):
    """What the machine refuses, for want of room or permission, ends a command in words."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            words = _refusal(error)
            if not words:
                raise
            raise ended(words) from error


def _refusal(error: Exception) -> str:
    """What the machine refused, if it did."""
    import duckdb

    if isinstance(error, OSError):
        # Whoever reads the output through a pipe may stop when they have seen enough.
        return "" if error.errno == errno.EPIPE else f"{error.filename or 'A file'}: {error.strerror or error}."
    if isinstance(error, sqlite3.OperationalError):
        return f"alerts.sqlite: {error}."
    if isinstance(error, duckdb.IOException | duckdb.TransactionException | duckdb.FatalException):
        return str(error).splitlines()[0]
    return ""


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def load_environment() -> None:
    """What Dagster's own commands do not do: where days stand, what is late or wrong or set aside, the demo."""
    load_dotenv(PROJECT_ROOT / ".env")  # As Dagster does; what is set already stays.


for command in (demo, status, schedule, incidents, watch, impact, replay, diff, report, uplift, doctor, upgrade):
    app.command()(command)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(contract_app, name="contract")

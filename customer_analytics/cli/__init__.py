"""``customer-analytics``: what Dagster's own commands do not do. Every command also speaks JSON.

Commands import what they need when they run: ``--help`` should not wait for Dagster.
"""

import typer
from dotenv import load_dotenv

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

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def load_environment() -> None:
    """What Dagster's own commands do not do: where days stand, what is late or wrong or set aside, the demo."""
    load_dotenv(PROJECT_ROOT / ".env")  # As Dagster does; what is set already stays.


for command in (demo, status, schedule, incidents, watch, impact, replay, diff, report, uplift, doctor, upgrade):
    app.command()(command)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(contract_app, name="contract")

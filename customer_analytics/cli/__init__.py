"""``customer-analytics``: what Dagster's own commands do not do. Every command also speaks JSON.

Commands import what they need when they run: ``--help`` should not wait for Dagster.
"""

import typer

from customer_analytics.cli.days import impact, status
from customer_analytics.cli.demo import demo
from customer_analytics.cli.doctor import doctor

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="What Dagster's own commands do not do: the demo, where every day stands, what depends on what.",
)
for command in (demo, status, impact, doctor):
    app.command()(command)

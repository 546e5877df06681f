"""The page itself: one HTML file that needs nothing else, without scripts, the same bytes for the same data."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from customer_analytics.reporting.call_list import call_list_name
from customer_analytics.reporting.files import replace_file
from customer_analytics.reporting.health import words
from customer_analytics.reporting.health.drawing import Plot
from customer_analytics.reporting.health.figures import HealthFigures, read_health_figures
from customer_analytics.reporting.health.forecast import TOLD_HORIZON
from customer_analytics.reporting.health.palette import DARK, LIGHT
from customer_analytics.reporting.health.plots import plots_of
from customer_analytics.reporting.health.tiles import tiles
from customer_analytics.reporting.links import Links
from customer_analytics.reporting.masking import visible


@dataclass(frozen=True)
class HealthReport:
    """The page that was written, what it says, and its plots by name."""

    path: Path
    size_bytes: int
    figures: HealthFigures
    plots: Mapping[str, Plot]


def write_health_report(connection: duckdb.DuckDBPyConnection, day: date, folder: Path, links: Links) -> HealthReport:
    """Write the page of one day, as ``write_health_reports`` does."""
    return next(write_health_reports(connection, [day], folder, links))


def write_health_reports(
    connection: duckdb.DuckDBPyConnection, days: Sequence[date], folder: Path, links: Links
) -> Iterator[HealthReport]:
    """Write ``customer_health_<day>.html`` of each of ``days`` into ``folder``, each in one step, one after another.

    ``connection`` may be a snapshot's.

    Raises:
        OSError: a page cannot be written; names it.
    """
    for figures in read_health_figures(connection, days):
        plots = plots_of(figures)
        content = render(figures, plots, links).encode()
        path = folder / f"customer_health_{figures.day}.html"
        replace_file(path, content)
        yield HealthReport(path, len(content), figures, plots)


def render(figures: HealthFigures, plots: Mapping[str, Plot], links: Links) -> str:
    """The page as HTML."""
    templates = _templates()
    style = templates.get_template("style.css.j2").render(light=LIGHT.variables, dark=DARK.variables)
    return templates.get_template("page.html.j2").render(
        figures=figures,
        tiles=tiles(figures),
        plots={name: Markup(plot.svg) for name, plot in plots.items()},  # noqa: S704 - its texts are escaped there
        titles={name: plot.title for name, plot in plots.items()},
        links=links,
        call_list=call_list_name(figures.day),
        told_horizon=TOLD_HORIZON,
        heat_levels=len(LIGHT.heat),
        style=Markup(style),  # noqa: S704 - it has nothing in it but the house's colours
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


@cache
def _templates() -> Environment:
    """Everything that is put into a page is escaped; a name that is not known is an error."""
    environment = Environment(
        loader=PackageLoader("customer_analytics.reporting.health"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numbers = (words.count, words.share, words.figure, words.counted)
    others = (words.listed, words.long_day, words.short_day, words.month, words.model, words.dataset, visible)
    environment.filters |= {each.__name__: each for each in (*numbers, *others)}
    return environment

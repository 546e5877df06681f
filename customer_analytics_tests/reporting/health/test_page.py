"""The page: whole in itself, safe whatever customers are called, the same bytes again, and honest where things lack."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from customer_analytics.reporting.health.page import HealthReport, write_health_report
from customer_analytics.reporting.links import Links
from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.metrics.scenario import Order, at, day, publish_orders, refresh_values, withdraw
from customer_analytics_tests.reporting.health.html import Element, read_html
from customer_analytics_tests.reporting.health.scenario import (
    LINKS,
    TODAY,
    a_company,
    all_computed,
    audited,
    came_out,
    decided,
    delivered,
    expected_spend,
    on_list,
    write,
)

UNRULY = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    '=HYPERLINK("http://evil.example")',
    "{{ 7 * 7 }}",
    "&amp; ]]> --> </style></svg>",
    "\u202egnp.exe",
    "مرحبا 😀 a\u200bb",
    "x" * 500,
)
SECTIONS = ("numbers", "calls", "moves", "history", "cohorts", "forecast", "deliveries")
PLOTS = {"value", "expected", "at-risk", "value-at-risk", "cohorts", "forecast"}


def test_every_section_says_its_numbers(report: HealthReport, text: str, page: Element) -> None:
    assert report.path.name == f"customer_health_{TODAY}.html"
    assert report.size_bytes == len(text.encode()) < 2_000_000
    said = {name: page.one(name).text for name in SECTIONS}
    assert "Customers 3 unchanged in a week" in said["numbers"]
    # three customers with 50 each, give or take 30 and 40
    assert (
        "Next 90 days 150 ▲ 15 (11.1 %) in a week expected spend, nine times of ten 98 to 219, by Pareto/NBD"
        in said["numbers"]
    )
    assert "Customers at risk 2 unchanged in a week on the list" in said["numbers"]
    assert "2 customers on the list, 2 to be called today." in said["calls"]
    assert "carol 3 tickets in the last 30 days proactive outreach 30 50 % 2024-08-27" in said["calls"]
    assert f"exports/at_risk_{TODAY}.csv" in said["calls"]
    assert "Entered: 1 Entered Customer Why Value at risk alice" in said["moves"]
    assert "Left: 1 Left Customer Why Value at risk bob was listed since 2024-08-26 for:" in said["moves"]
    assert "2023-12-28 130 130 1.00 \N{EN DASH}" in said["forecast"]
    assert "customers spent 0.90 to 1.09 times what was expected" in said["forecast"]
    assert "The best for how much customers spend in 90 days is Pareto/NBD" in said["forecast"]
    assert "and for whether they order in 90 days is the plain formula." in said["forecast"]
    assert "Wins: Pareto/NBD is used." in said["forecast"]
    assert "A tie: no difference can be told. The calibrated stack is not used." in said["forecast"]
    assert "marketing events published today; 4.0 % of 100 records set aside" in said["deliveries"]


def test_the_plots_come_as_pictures_too(report: HealthReport) -> None:
    assert set(report.plots) == PLOTS
    pictures = [plot.png for plot in report.plots.values()]
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)
    assert sum(map(len, pictures)) < 300_000


def test_it_needs_nothing_but_itself(page: Element) -> None:
    assert not page.all("script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio")
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "xlink:href", "src"):
            reference = element.attributes.get(name) or "#"
            if element.tag == "a" and reference.startswith("http"):
                assert reference.startswith(LINKS.home)
            else:
                assert reference == "#" or reference.removeprefix("#") in ids
        for used in re.findall(r"url\((.*?)\)", " ".join(filter(None, element.attributes.values()))):
            assert used.removeprefix("#") in ids
    (style,) = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_its_policy_forbids_scripts_and_network_and_knows_its_own_style(text: str) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert "script-src" not in rules
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert rules["style-src-elem"] == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def test_whatever_customers_are_called_it_is_text(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    a_company(warehouse, UNRULY)
    for customer in UNRULY:
        on_list(warehouse, TODAY, f"{customer}?", reasons=[customer], recommended_action=customer)
    _, text = write(warehouse, TODAY, tmp_path)
    page = read_html(text)
    assert not page.all("script", "img")
    said = [each.text for each in page.all("bdi")]
    for customer in UNRULY[:5]:
        assert customer in said
        assert f"{customer}?" in said
    assert "\\u202egnp.exe" in said
    assert "مرحبا 😀 a\\u200bb" in said
    assert "\u202e" not in text


def test_the_same_data_give_the_same_bytes(
    company: duckdb.DuckDBPyConnection, report: HealthReport, tmp_path: Path
) -> None:
    again, _ = write(company, TODAY, tmp_path)
    assert again.path.read_bytes() == report.path.read_bytes()
    assert again.plots == report.plots
    assert [plot.svg for plot in again.plots.values()] == [plot.svg for plot in report.plots.values()]
    assert [plot.png for plot in again.plots.values()] == [plot.png for plot in report.plots.values()]


def test_another_process_with_other_settings_gives_the_same_bytes(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        migrate(connection)
        a_company(connection)
        report, _ = write(connection, TODAY, tmp_path / "here")
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nlines.linewidth: 9\nsvg.fonttype: path\n", encoding="utf-8")
    code = """
import sys, duckdb, datetime, pathlib
from customer_analytics.reporting.links import Links
from customer_analytics.reporting.health.page import HealthReport, write_health_report
from customer_analytics.warehouse.schema import migrate
folder = pathlib.Path(sys.argv[1])
with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
    write_health_report(connection, datetime.date.fromisoformat(sys.argv[2]), folder / "there", Links(sys.argv[3]))
"""
    others = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    arguments = [sys.executable, "-c", code, str(tmp_path), str(TODAY), LINKS.home]
    subprocess.run(arguments, env=os.environ | others, check=True, timeout=60)
    assert (tmp_path / "there" / report.path.name).read_bytes() == report.path.read_bytes()


def test_a_company_without_any_data_is_told_what_is_missing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    report, text = write(warehouse, TODAY, tmp_path)
    page = read_html(text)
    assert report.plots == {}
    assert not page.all("svg")
    assert "There are no numbers yet" in page.text
    assert "do not use" not in page.one("numbers").text
    assert page.one("numbers").text.count("\N{EN DASH}") == 6
    for name, words in (
        ("calls", "has not been computed"),
        ("moves", "cannot be told"),
        ("history", "at least two days"),
        ("cohorts", "nothing has been delivered yet"),
        ("forecast", "No forecast has been held against what happened yet"),
    ):
        assert words in page.one(name).text


def test_a_company_of_three_days_has_its_numbers_and_is_told_what_comes_later(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    delivered(warehouse, [day(1), day(2), day(3)])
    publish_orders(warehouse, day(1), [Order("alice", at(1), Decimal(20))])
    refresh_values(warehouse, day(1), day(2), day(3))
    all_computed(warehouse, day(1), day(2), day(3))
    report, text = write(warehouse, day(3), tmp_path)
    page = read_html(text)
    assert set(report.plots) == {"value", "at-risk", "value-at-risk"}
    assert "Customers 1 no number of a week ago" in page.one("numbers").text
    assert "no forecast for this day" in page.one("numbers").text
    assert "Nobody is on the list today" in page.one("calls").text
    assert "Nobody entered." in page.one("moves").text
    assert "deliveries begin on 2024-03-01" in page.one("cohorts").text


def test_numbers_that_must_not_be_used_are_struck_out_and_a_banner_says_why(
    warehouse: duckdb.DuckDBPyConnection, text: str, tmp_path: Path
) -> None:
    assert "no check has found anything" in text
    assert "do not use" not in text
    a_company(warehouse)
    withdraw(warehouse, "support_tickets", TODAY)
    audited(warehouse, "customer_lifetime_value", TODAY, "inputs_fresh", "warned", "days missing: 2")
    page = read_html(write(warehouse, TODAY, tmp_path)[1])
    stop, care = page.all("aside")
    assert "support tickets: this day was not delivered, or not published yet. It is in" in stop.text
    assert "customer lifetime value: inputs fresh warned: days missing: 2" in care.text
    tiles = {tile.all("dt")[0].text: tile for tile in page.one("numbers").all("div") if tile.all("dt")}
    assert "use with care" in tiles["Lifetime value"].text
    assert "do not use" in tiles["Value at risk"].text
    assert "doubted" in str(tiles["Value at risk"].attributes["class"])
    assert "do not use" in page.one("calls").text


def test_links_lead_into_the_dagster_ui(page: Element) -> None:
    links = {each.attributes["href"] for each in page.all("a")}
    assert f"http://ui.example:3000/assets/orders?view=partitions&partition={TODAY}" in links
    with pytest.raises(ValueError, match="must begin with http"):
        Links("javascript:alert(1)")


def test_a_model_that_has_not_won_is_called_unproven(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    expected_spend(warehouse, TODAY, {"alice": (50, 20, 90)}, named="mbg_nbd (unproven)")
    decided(warehouse, TODAY, "mbg_nbd", verdict="ties", champion="baseline")
    decided(warehouse, TODAY, "bg_nbd", verdict="loses", champion="baseline", difference=8.0, low=6.0, high=10.0)
    decided(warehouse, TODAY, "pareto_nbd", verdict="loses", champion="baseline", challenger_level=0.31)
    decided(warehouse, TODAY, "logistic", target="no_order", horizon_days=30, verdict="loses", champion="mbg_nbd")
    came_out(warehouse, day(1), "mbg_nbd", 100, 90)
    page = read_html(write(warehouse, TODAY, tmp_path)[1])
    said = page.one("forecast").text
    assert "by MBG/NBD (unproven)" in page.one("numbers").text
    assert "MBG/NBD has not beaten the plain formula on these customers." in said
    assert "A tie: no difference can be told. MBG/NBD is used all the same, as unproven." in said
    assert "Loses: BG/NBD is not used." in said
    assert "Loses: the smaller error, but it forecasts 0.31 times what was spent; Pareto/NBD is not used." in said
    assert "2024-03-01 100 90 0.90" in said
    of_90_days, _, others = said.partition("Other horizons")
    assert "Spend, 90 days Pareto/NBD" in of_90_days
    assert "Whether they order, 30 days the calibrated stack" in others
    assert "Spend, 90 days" not in others


def test_where_another_model_stands_in_for_a_year_the_tile_says_so_and_gives_no_range(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    named = "spend_regression (365 days: mbg_nbd, unproven)"
    expected_spend(warehouse, TODAY, {"alice": (50, 20, 90)}, named=named)
    came_out(warehouse, day(1), "spend_regression", 100, 90)
    came_out(warehouse, day(1), "mbg_nbd", 100, 50)
    decided(warehouse, TODAY, "spend_regression")
    worse: dict[str, object] = {"verdict": "loses", "difference": 8.0, "low": 6.0, "high": 10.0}
    decided(warehouse, TODAY, "mbg_nbd", horizon_days=30, champion="spend_regression", **worse)
    page = read_html(write(warehouse, TODAY, tmp_path)[1])
    numbers, (_, _, others) = page.one("numbers").text, page.one("forecast").text.partition("Other horizons")
    assert "expected spend, nine times of ten 20 to 90, by the spend regression" in numbers
    assert "expected spend, by MBG/NBD (unproven)" in numbers
    assert "has not beaten the plain formula" not in page.one("forecast").text
    assert "What forecasts spend is decided by 90 days for all of them" in others
    assert others.rstrip().endswith("Loses.")


def test_a_tile_of_a_day_before_tells_of_that_day(company: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    before = TODAY - timedelta(days=1)
    report, text = write(company, before, tmp_path)
    assert report.figures.history.today.day == before
    assert "Monday, 26 August 2024" in read_html(text).text


def test_a_list_of_thousands_makes_no_large_page(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    a_company(warehouse)
    warehouse.execute(
        """insert into marts.at_risk_customers by name
           select listed.* replace (customer_id || numbers.each as customer_id, as_of_date - days.back as as_of_date)
           from (from marts.at_risk_customers where as_of_date = $today limit 1) as listed
           cross join (select unnest(range($customers)) as each) as numbers
           cross join (select unnest(range(30))::integer as back) as days""",
        {"today": TODAY, "customers": 5_000},
    )
    report = write_health_report(warehouse, TODAY, tmp_path, LINKS)
    assert report.size_bytes < 500_000

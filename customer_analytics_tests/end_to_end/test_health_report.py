"""The report as a browser shows it: on a desk and on a phone, in the dark, printed; it loads and runs nothing."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from customer_analytics.warehouse.schema import migrate
from customer_analytics_tests.end_to_end.browser import SWITCHES, browser_program
from customer_analytics_tests.reporting.health.scenario import TODAY, a_company, on_list, write

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SCRIPT = "<script>document.title = 'owned'</script>"
PICTURE = "<img src='http://127.0.0.1:9/x.png' onerror=\"document.title = 'owned'\">"
LONG = "an-id-without-any-place-to-break-" * 12

OVERLAPS = """() => [...document.querySelectorAll('svg.plot')].flatMap(plot => {
  const boxes = [...plot.querySelectorAll('text')].map(each => each.getBoundingClientRect());
  const whole = plot.getBoundingClientRect();
  const outside = boxes.filter(b => b.left < whole.left - 1 || b.right > whole.right + 1);
  const over = boxes.filter((a, i) => boxes.some((b, j) => i < j &&
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2));
  return [...outside, ...over].map(b => `${plot.textContent.slice(0, 40)} at ${b.left}, ${b.top}`);
})"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page is, of a company with unruly customers."""
    with duckdb.connect(":memory:") as connection:
        migrate(connection)
        a_company(connection)
        on_list(connection, TODAY, SCRIPT, call_rank=3)
        on_list(connection, TODAY, PICTURE, call_rank=4)
        on_list(connection, TODAY, LONG, call_rank=5, reasons=[LONG])
        return write(connection, TODAY, tmp_path_factory.mktemp("report"))[0].path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = browser_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


def shown(browser: Browser, address: str, size: dict[str, int], scheme: str = "light") -> tuple[Page, list[str]]:
    """The page, and whatever it asked for or complained of."""
    page = browser.new_page(viewport={"width": size["width"], "height": size["height"]}, color_scheme=scheme)  # type: ignore[arg-type]
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.goto(address)
    return page, [each for each in heard if each != address]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_it_fits_the_screen_and_asks_for_nothing(browser: Browser, address: str, size: dict[str, int]) -> None:
    page, heard = shown(browser, address, size)
    assert heard == []
    assert page.title() == f"Customer health, {TODAY}"
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    assert page.evaluate(OVERLAPS) == []
    assert "alice" in page.locator("#calls").inner_text()
    page.close()


def test_what_customers_are_called_does_nothing(browser: Browser, address: str) -> None:
    page, _ = shown(browser, address, DESK)
    assert page.locator("script, main img").count() == 0
    assert page.locator("#calls").get_by_text("document.title = 'owned'").count() == 2
    page.close()


def test_a_script_that_got_in_would_not_run(browser: Browser, address: str, tmp_path: Path) -> None:
    """The policy holds by itself, not only because texts are escaped; and it lets the page's own style be."""
    page, _ = shown(browser, address, DESK)
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(page.content().replace("</main>", f"{SCRIPT}{PICTURE}</main>"), encoding="utf-8")
    page.goto(spoilt.as_uri())
    page.wait_for_timeout(200)
    assert page.title() == f"Customer health, {TODAY}"
    assert page.evaluate("getComputedStyle(document.querySelector('.tile')).borderRadius") != "0px"
    page.close()


def test_text_on_a_phone_is_large_enough_and_links_can_be_touched(browser: Browser, address: str) -> None:
    page, _ = shown(browser, address, PHONE)
    sizes = page.evaluate(
        """[...document.querySelectorAll('main p, main td, main th, main li, main dd, main dt')]
           .filter(each => each.innerText && each.offsetParent && !each.classList.contains('unseen'))
           .map(each => parseFloat(getComputedStyle(each).fontSize))"""
    )
    assert min(sizes) >= 12
    heights = page.evaluate(
        "[...document.querySelectorAll('.cells a')].map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
    page.close()


def test_in_the_dark_everything_is_light_on_dark(browser: Browser, address: str) -> None:
    page, _ = shown(browser, address, DESK, scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 26)"
    fills = set(page.evaluate("[...document.querySelectorAll('svg text')].map(each => getComputedStyle(each).fill)"))
    assert fills == {"rgb(233, 237, 240)", "rgb(166, 176, 186)"}
    page.close()


def test_it_prints_on_paper_of_its_width(browser: Browser, address: str, tmp_path: Path) -> None:
    page, _ = shown(browser, address, DESK, scheme="dark")
    printed = page.pdf(path=tmp_path / "report.pdf", format="A4", print_background=False)
    assert printed.startswith(b"%PDF")
    assert 2 <= printed.count(b"/Type /Page\n") <= 6
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 700, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") == 700
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("nav").is_hidden()
    page.close()

"""Dagster's UI of a copy of the project, and a person's browser before it: it clicks, types and reads."""

import json
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from customer_analytics_tests.end_to_end.project import Project, wait_until

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# It talks to nobody but the page that is asked for.
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE_SECONDS = 240.0
# Of the boxes in a row of the automation page: the first one selects the row, this one comes a little later.
SWITCH = 1

STATUS = """query ($sensor: String!) {
  sensorOrError(sensorSelector: {
    repositoryLocationName: "customer_analytics", repositoryName: "__repository__", sensorName: $sensor
  }) { ... on Sensor {sensorState {status}} } }"""


@dataclass(frozen=True)
class Browser:
    """A page in a browser at ``url``, where the UI is; pictures go to ``pictures``."""

    url: str
    page: Page
    pictures: Path

    def open(self, path: str) -> None:
        """Go to a page of the UI."""
        self.page.goto(f"{self.url}{path}", wait_until="domcontentloaded")

    def button(self, words: str) -> Locator:
        """The first button with these words."""
        return self.page.get_by_role("button", name=words).first

    def read(self) -> str:
        """The page's text as it is rendered now, with single spaces."""
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def wait_for(self, *words: str) -> str:
        """Wait until the page shows all of these; gives what it says then, and keeps a picture."""
        self.wait_until(lambda: all(each in self.read() for each in words), f"the page shows {', '.join(words)}")
        self.picture()
        return self.read()

    def wait_until(self, holds: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Look again and again, while the page goes on; fail saying ``what`` was waited for."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                self.picture()
                pytest.fail(f"after {seconds:.0f} s: {what}\n{self.read()}")
            self.page.wait_for_timeout(250)

    def is_on(self, name: str) -> bool:
        """Whether the automation page, which is open, shows a sensor or schedule as running."""
        return self._row(name).get_by_role("checkbox").nth(SWITCH).is_checked()

    @contextmanager
    def switched_off(self, *sensors: str) -> Iterator[None]:
        """Switch sensors off on the automation page, and on again at the end."""
        self._switch(sensors, on=False)
        yield
        self._switch(sensors, on=True)

    def picture(self) -> None:
        """Keep what the page looks like."""
        number = len(list(self.pictures.glob("*.png"))) + 1
        self.page.screenshot(path=self.pictures / f"{number:02}.png")

    def _switch(self, sensors: tuple[str, ...], *, on: bool) -> None:
        self.open("/automation")
        for name in sensors:
            self.wait_until(partial(self._is_switched, name, on=on), f"{name} is {'on' if on else 'off'}")
        self.picture()

    def _is_switched(self, name: str, *, on: bool) -> bool:
        """Whether a sensor is on or off, as wanted, and the page shows it; if not, its switch is clicked.

        A click takes a moment to show; on a page that moves while it is drawn it may hit the switch beside it.
        """
        status = ask(self.url, STATUS, sensor=name)["sensorOrError"]["sensorState"]["status"]
        shown = self.is_on(name)
        if shown is not (status == "RUNNING"):
            return False  # The page has yet to find out.
        if shown is not on:
            self._row(name).locator("label").nth(SWITCH).click()
            self.page.wait_for_timeout(2_000)
        return shown is on

    def _row(self, name: str) -> Locator:
        link = self.page.locator(f"a[href$='/sensors/{name}'], a[href$='/schedules/{name}']")
        return self.page.locator("[data-index]").filter(has=link)


def browser_program() -> str:
    """The system's browser; skips the test where there is none."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"No browser: none of {', '.join(BROWSERS)} is on the PATH")
    return program


@contextmanager
def browsing(project: Project, pictures: Path, **settings: str | None) -> Iterator[Browser]:
    """Webserver and daemon of the project at work, and a browser before them; skips the test where there is none."""
    program, port = browser_program(), free_port()
    with ExitStack() as opened:
        arguments = ("--host", "127.0.0.1", "--port", str(port))
        opened.enter_context(project.started("dagster", "dev", *arguments, **settings))
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_loaded(url), "the webserver has loaded the code")
        playwright = opened.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        opened.callback(browser.close)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield Browser(url, page, pictures)


def is_loaded(url: str) -> bool:
    """Whether the webserver answers, and has loaded the code."""
    query = "{workspaceOrError {... on Workspace {locationEntries {loadStatus}}}}"
    try:
        answer = ask(url, query)
    except (URLError, ConnectionError, TimeoutError):
        return False
    return [entry["loadStatus"] for entry in answer["workspaceOrError"]["locationEntries"]] == ["LOADED"]


def ask(url: str, query: str, **variables: object) -> dict[str, Any]:
    """The data of a GraphQL answer."""
    content = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(f"{url}/graphql", content, {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def free_port() -> int:
    """A port of the loopback interface that nobody has right now."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

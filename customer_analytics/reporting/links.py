"""Where more can be seen: pages of the Dagster UI."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Links:
    """Addresses in the Dagster UI at ``ui_url``.

    Raises:
        ValueError: ``ui_url`` is not an address of the web.
    """

    ui_url: str

    def __post_init__(self) -> None:
        if urlsplit(self.ui_url).scheme not in ("http", "https"):
            message = f"{self.ui_url!r} is not where a Dagster UI can be: it must begin with http:// or https://"
            raise ValueError(message)

    @property
    def home(self) -> str:
        """Where the UI begins."""
        return self.ui_url.rstrip("/")

    @property
    def automation(self) -> str:
        """Every schedule and sensor."""
        return f"{self.home}/automation"

    @property
    def daemons(self) -> str:
        """Which daemons run."""
        return f"{self.home}/deployment/daemons"

    @property
    def locations(self) -> str:
        """Which code is loaded."""
        return f"{self.home}/deployment/locations"

    def run(self, run_id: str) -> str:
        """A run."""
        return f"{self.home}/runs/{quote(run_id, safe='')}"

    def days(self, dataset: str, day: date | None = None) -> str:
        """A dataset's days, at one of them."""
        at_day = f"&partition={day}" if day else ""
        return f"{self._dataset(dataset, 'partitions')}{at_day}"

    def checks(self, dataset: str, check: str = "") -> str:
        """A dataset's checks, with one of them opened."""
        opened = f"&checkDetail={quote(check, safe='')}" if check else ""
        return f"{self._dataset(dataset, 'checks')}{opened}"

    def _dataset(self, dataset: str, view: str) -> str:
        return f"{self.home}/assets/{quote(dataset, safe='')}?view={view}"

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

    def day(self, dataset: str, day: date) -> str:
        """A dataset's day."""
        return f"{self.home}/assets/{quote(dataset, safe='')}?view=partitions&partition={day}"

    def checks(self, dataset: str) -> str:
        """A dataset's checks."""
        return f"{self.home}/assets/{quote(dataset, safe='')}?view=checks"

"""Whether a day's files lie there as they did when they were read."""

from datetime import date
from functools import lru_cache
from pathlib import Path

from customer_analytics.landing.errors import DeliveryError, DeliveryRefusedError
from customer_analytics.landing.folder import Delivery, LandingArea, signature_of


def assert_unchanged(delivery: Delivery) -> None:
    """Refuse a delivery whose files were written again since it was opened.

    Raises:
        DeliveryRefusedError: a file changed while it was read.
    """
    corrections = delivery.corrections_path
    if not delivery.folder.is_dir() or signature_of(delivery.folder, corrections) != delivery.signature:
        message = (
            f"{delivery.source} {delivery.day}: files in {delivery.folder} changed while they were read. "
            "Write the flag last, after all files; then run the day again."
        )
        raise DeliveryRefusedError(message)


def is_unchanged(area: LandingArea, source: str, day: date, signature: str, fingerprint: str | None) -> bool:
    """Whether a landed day's files are those that had this signature or fingerprint: only touched ones are read."""
    current = area.signature(source, day)
    return current == signature or _fingerprint(area.root, source, day, current) == fingerprint


@lru_cache(maxsize=10_000)
def _fingerprint(root: Path, source: str, day: date, signature: str) -> str:
    """The delivery's fingerprint; files that were only touched are read once, and not again at every look."""
    try:
        return LandingArea(root).open(source, day).fingerprint
    except (DeliveryError, OSError):
        return f"unreadable as {signature}"  # The run says what is wrong with it.

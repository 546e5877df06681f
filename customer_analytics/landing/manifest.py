"""What a delivery says of itself: an optional ``manifest.json`` that names its files, and how large they are."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from customer_analytics.landing.errors import DeliveryRefusedError

MANIFEST = "manifest.json"
_KEYS = ("files", "name", "sha256", "bytes", "records")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListedFile(_Strict):
    """One file as the manifest promises it; ``records`` are without header and blank lines."""

    name: str = Field(min_length=1, pattern=r"^[^/\\]+$")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")
    size: int | None = Field(default=None, ge=0, alias="bytes")
    records: int | None = Field(default=None, ge=0)


class Manifest(_Strict):
    """All files of a delivery."""

    files: tuple[ListedFile, ...]


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a day's folder, or None where there is none.

    Raises:
        DeliveryRefusedError: it cannot be read as one.
    """
    path = folder / MANIFEST
    if not os.path.lexists(path):
        return None
    if not path.is_file():
        message = f"{path} is not a file. Deliver the manifest itself, or remove it."
        raise DeliveryRefusedError(message)
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        where = ", ".join(sorted({_place(each["loc"]) for each in error.errors()}))
        message = (
            f"{path} is not a manifest ({where}). Expected is "
            '{"files": [{"name": "orders.csv", "sha256": "...", "bytes": 123, "records": 3}]}; all but name may be '
            "left out. Deliver it whole, or remove it."
        )
        raise DeliveryRefusedError(message) from None  # pydantic's own words repeat what the file holds.
    names = [file.name for file in manifest.files]
    if len(names) != len(set(names)):
        message = f"{path} lists a file more than once. Deliver it with each file once."
        raise DeliveryRefusedError(message)
    return manifest


def assert_as_listed(folder: Path, manifest: Manifest, digests: Mapping[str, str], sizes: Mapping[str, int]) -> None:
    """Refuse a delivery that is not what its manifest says; ``digests`` and ``sizes`` are by file name.

    Raises:
        DeliveryRefusedError: names the files that differ.
    """
    listed = {file.name: file for file in manifest.files}
    wrong = [
        *(f"{name} is not there" for name in listed if name not in digests),
        *(f"{name} is not listed" for name in digests if name not in listed),
        *(
            f"{name} has {sizes[name]:,} bytes, not {file.size:,}"
            for name, file in listed.items()
            if name in sizes and file.size is not None and file.size != sizes[name]
        ),
        *(
            f"{name} has another checksum"
            for name, file in listed.items()
            if name in digests and file.sha256 and file.sha256.lower() != digests[name]
        ),
    ]
    if wrong:
        message = f"{folder / MANIFEST} does not agree with the files: {_first(wrong)}. Deliver the day again."
        raise DeliveryRefusedError(message)


def assert_counted(path: Path, expected: int | None, found: int) -> None:
    """Refuse a file that does not have as many records as the manifest says.

    Raises:
        DeliveryRefusedError: the numbers differ.
    """
    if expected is not None and expected != found:
        message = (
            f"{path} has {found:,} records, its {MANIFEST} says {expected:,}. Deliver the day again, whole and with "
            "its own manifest."
        )
        raise DeliveryRefusedError(message)


def _place(location: Sequence[int | str]) -> str:
    """Where in the manifest a fault is; keys that it should not have could be anything, and are not repeated."""
    known = [str(part) for part in location if isinstance(part, int) or part in _KEYS]
    return ".".join(known) or "as a whole"


def _first(words: Sequence[str], most: int = 5) -> str:
    return "; ".join(words[:most]) + (f"; and {len(words) - most} more" if len(words) > most else "")

"""The landing area on disk: ``<root>/<source>/<day>/`` with files and, once they are complete, a flag."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, get_args

from customer_analytics.contracts.contract import is_source_name
from customer_analytics.contracts.policy import Format
from customer_analytics.landing.corrections import Correction, corrections_file, read_corrections
from customer_analytics.landing.errors import DeliveryRefusedError, LandingUnreadableError, NotLandedError
from customer_analytics.landing.manifest import MANIFEST, assert_as_listed, read_manifest

FLAG = "processing_complete.flag"
EARLIEST_YEAR = 1970

Compression = Literal["gz", "zst"]

# What is packed is about so many times as large once it is unpacked.
_PACKING = 5


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery; ``name`` is relative to the day's folder."""

    path: Path
    name: str
    format: Format
    compression: Compression | None

    @property
    def is_packed(self) -> bool:
        """Whether it takes far fewer bytes than its records do."""
        return self.compression is not None or self.format == "parquet"


@dataclass(frozen=True)
class Delivery:
    """One day of one source, complete.

    ``bytes`` is how large its files were when it was opened, as they lie there. ``fingerprint`` is the SHA-256 over the
    files' names and content, corrections included; ``signature`` is what the file system says of them: cheap to
    compare, and different once a file was written again. ``promised_records`` has what a manifest says, by file name.
    """

    source: str
    day: date
    files: tuple[DeliveredFile, ...]
    bytes: int
    fingerprint: str
    signature: str
    promised_records: Mapping[str, int | None] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    corrections_path: Path | None = None

    @property
    def unpacked_bytes(self) -> int:
        """About how large its files are once they are unpacked."""
        return self.bytes * (_PACKING if any(file.is_packed for file in self.files) else 1)

    @property
    def folder(self) -> Path:
        """Where the delivery lies."""
        return self.files[0].path.parent


class LandingArea:
    """All deliveries below one folder.

    ``sources`` and ``landed_days`` raise ``LandingUnreadableError`` where nobody can see what has landed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def sources(self) -> list[str]:
        """The sources that have delivered something; a volume's ``lost+found`` is none."""
        return sorted(folder.name for folder in _folders(self.root) if is_source_name(folder.name))

    def landed_days(self, source: str) -> list[date]:
        """The days of a source whose flag is set, ascending."""
        days = ((parse_day(folder.name), folder) for folder in _folders(self.root / source))
        return sorted(day for day, folder in days if day and _is_flagged(folder))

    def signature(self, source: str, day: date) -> str:
        """What the file system says of a landed day: names, sizes, times. Cheap; it reads no content.

        Where it does not answer, whoever opens the day is told.
        """
        try:
            return signature_of(self._folder(source, day), self.corrections_file(source, day))
        except OSError:
            return "unreadable"

    def landed_at(self, source: str, day: date) -> datetime | None:
        """When the flag of a day was set (UTC); None where it is not, or nobody may look."""
        flag = self._folder(source, day) / FLAG
        try:
            return datetime.fromtimestamp(flag.stat().st_mtime, UTC) if flag.is_file() else None
        except OSError:
            return None

    def corrections_file(self, source: str, day: date) -> Path:
        """Where the corrections of a day lie, whether there are any or not."""
        return corrections_file(self.root, source, day)

    def open(self, source: str, day: date) -> Delivery:
        """Read which files a day has, and their fingerprint.

        Raises:
            NotLandedError: the day has no flag yet.
            DeliveryRefusedError: the flag stands without data, a file does not belong there or is not as its manifest
                says, or the day's corrections cannot be read.
        """
        folder = self._folder(source, day)
        if not (folder / FLAG).is_file():
            formats = "|".join(get_args(Format))
            message = (
                f"{source} {day} has not landed: the landing area expects "
                f"{folder}/*.{{{formats}}}[.gz|.zst] and then {FLAG}."
            )
            raise NotLandedError(message)
        corrections = self.corrections_file(source, day)
        signature = signature_of(folder, corrections)
        files = tuple(self._delivered_file(path) for path in _data_files(folder))
        if not files:
            message = f"{source} {day}: {folder} has {FLAG} but no data. Deliver the files, then the flag again."
            raise DeliveryRefusedError(message)
        sizes = {file.name: file.path.stat().st_size for file in files}
        digests = {file.name: _digest(file.path) for file in files}
        manifest = read_manifest(folder)
        if manifest:
            assert_as_listed(folder, manifest, digests, sizes)
        is_corrected = corrections.is_file()
        return Delivery(
            source=source,
            day=day,
            files=files,
            bytes=sum(sizes.values()),
            fingerprint=_fingerprint(digests | ({"corrections": _digest(corrections)} if is_corrected else {})),
            signature=signature,
            promised_records={file.name: file.records for file in manifest.files} if manifest else {},
            corrections=read_corrections(corrections) if is_corrected else (),
            corrections_path=corrections if is_corrected else None,
        )

    def _folder(self, source: str, day: date) -> Path:
        return self.root / source / day.isoformat()

    def _delivered_file(self, path: Path) -> DeliveredFile:
        if not _is_utf8(path.name):
            message = f"{path.parent}: the file name {path.name!r} is not UTF-8. Rename the file."
            raise DeliveryRefusedError(message)
        if not path.is_file():
            message = f"{path}: only files belong into a day's folder. Move it up, or remove it."
            raise DeliveryRefusedError(message)
        if not path.resolve().is_relative_to(self.root.resolve()):
            message = f"{path} is a link that leaves the landing area. Deliver the file itself."
            raise DeliveryRefusedError(message)
        parts = path.name.lower().split(".")
        compression: Compression | None = None
        if len(parts) > 1 and parts[-1] in get_args(Compression):
            compression = "gz" if parts.pop() == "gz" else "zst"
        for known in get_args(Format):
            if len(parts) > 1 and parts[-1] == known:
                return DeliveredFile(path, path.name, known, compression)
        message = (
            f"{path}: the ending is not one of .csv, .jsonl or .parquet, each also with .gz or .zst. "
            "Rename the file, or remove it."
        )
        raise DeliveryRefusedError(message)


def parse_day(text: str) -> date | None:
    """A day as 2026-01-31; None where it is written otherwise, or cannot be meant."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Python reads 20260131 and 2026-W05-6 too; and a slip like 0206-01-31 would make years of partitions.
    return day if day.isoformat() == text and day.year >= EARLIEST_YEAR else None


def signature_of(folder: Path, corrections: Path | None) -> str:
    """Names, sizes and times of a day's files, its manifest and its corrections, as one short text.

    Raises:
        OSError: the file system does not answer.
    """
    beside = [path for path in (folder / MANIFEST, corrections) if path and path.is_file()]
    stats = ((path.name, path.stat(follow_symlinks=path.exists())) for path in [*_data_files(folder), *beside])
    listing = ";".join(f"{name}|{stat.st_size}|{stat.st_mtime_ns}" for name, stat in stats)
    return hashlib.sha256(os.fsencode(listing)).hexdigest()[:16]


def _folders(parent: Path) -> list[Path]:
    try:
        entries = list(parent.iterdir()) if parent.is_dir() else []
    except OSError as error:
        message = f"{parent} cannot be read: {error.strerror}. Mend that, or let the user who runs this look into it."
        raise LandingUnreadableError(message) from error
    return [entry for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # A link to a name that is too long, for instance.


def _is_flagged(folder: Path) -> bool:
    try:
        return (folder / FLAG).is_file()
    except OSError:
        return True  # Whoever opens the day is told.


def _data_files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.name not in (FLAG, MANIFEST) and not path.name.startswith(".")
    )


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fingerprint(digests: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{name}\0{digest}\0" for name, digest in digests.items()).encode()).hexdigest()

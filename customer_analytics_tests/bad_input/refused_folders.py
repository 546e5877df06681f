"""Deliveries that are refused for what lies in the day's folder, whatever the files say."""

from collections.abc import Callable
from pathlib import Path

from customer_analytics.contracts.policy import Format, Limits
from customer_analytics.landing.folder import FLAG
from customer_analytics_tests.bad_input.cases import Refused
from customer_analytics_tests.bad_input.records import FORMATS, columns_of, good, lenient, write
from customer_analytics_tests.scenario import ORDERS

Cases = tuple[Refused, ...]

GOOD = {form: write(form, good(ORDERS)) for form in FORMATS}
CSV = GOOD["csv"].decode()
HEADER = ",".join(columns_of(good(ORDERS)))


def of_file(kind: str, variant: str, form: Format, ending: str, *words: str) -> Refused:
    """A good file by a name that it should not have."""
    name = f"orders{ending}"
    return Refused(kind, variant, form, {name: GOOD[form]}, words=(name, *words))


def not_delivered(form: Format) -> Refused:
    """A good file in a format that its source does not deliver."""
    source = lenient(ORDERS, formats=tuple(other for other in FORMATS if other != form))
    kind, name = "a format that the source does not deliver", f"orders.{form}"
    return Refused(kind, "by its policy", form, {name: GOOD[form]}, source, words=(name, "delivered as"))


def linked(variant: str, form: Format, target: str) -> Refused:
    """A good file, and a link to one that lies outside the landing area."""
    link = f"more.{form}"
    kind = "a symlink that leaves the landing folder"
    return Refused(kind, variant, form, {f"orders.{form}": GOOD[form]}, words=(link,), links={link: target})


def changing(variant: str, form: Format, change: Callable[[Path], object]) -> Refused:
    """A file that is written while it is read."""
    files = {f"orders.{form}": GOOD[form]}
    words = (form,) if change is remove else ("changed while they were read", "flag last")
    return Refused("a file that changes while it is read", variant, form, files, words=words, meanwhile=change)


def write_again(folder: Path) -> None:
    [file] = folder.glob("orders.*")
    form: Format = "jsonl" if file.suffix == ".jsonl" else "csv" if file.suffix == ".csv" else "parquet"
    file.write_bytes(write(form, good(ORDERS)[:2]))


def remove(folder: Path) -> None:
    [file] = folder.glob("orders.*")
    file.unlink()


def add_file(folder: Path) -> None:
    (folder / "z.csv").write_text(CSV.replace("O-", "Z-"))


FOLDERS: Cases = (
    Refused("flag without data", "nothing else", "csv", {}, words=(FLAG, "no data")),
    Refused("flag without data", "a hidden file alone", "csv", {".orders.csv.part": GOOD["csv"]},
            words=(FLAG, "no data")),
    Refused("flag without data", "a manifest alone", "csv", {"manifest.json": b'{"files": []}'}, words=("no data",)),
    of_file("an unknown ending", "spreadsheet", "csv", ".xlsx", "the ending"),
    of_file("an unknown ending", "another compression", "csv", ".csv.bz2", "the ending"),
    *(not_delivered(form) for form in FORMATS),
    *(linked("to a file beside it", form, f"secret.{form}") for form in FORMATS),
    *(linked("to nothing", form, f"landing/gone.{form}") for form in FORMATS),
    *(changing("written again", form, write_again) for form in FORMATS),
    *(changing("another file beside it", form, add_file) for form in FORMATS),
    *(changing("removed", form, remove) for form in FORMATS),
    *(Refused("too many files", "one beyond the limit", form,
              {f"{n}.{form}": write(form, [record]) for n, record in enumerate(good(ORDERS))},
              lenient(ORDERS, limits=Limits(files=2)), words=("files",)) for form in FORMATS),
    Refused("too many files", "beyond a thousand", "csv", {f"{n}.csv": HEADER.encode() for n in range(1_001)},
            words=("files",)),
    *(Refused("judged for too long", "beyond the limit", form, {f"orders.{form}": GOOD[form]},
              lenient(ORDERS, limits=Limits(seconds=1e-6)), words=("seconds",)) for form in FORMATS),
)  # fmt: skip

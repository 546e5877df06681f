"""Deliveries with a manifest: what its author says of the files, against what was delivered."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from customer_analytics.contracts.policy import Format
from customer_analytics_tests.bad_input.cases import COMPRESSIONS, Normalised, Refused
from customer_analytics_tests.bad_input.records import FORMATS, good, rows_of, write
from customer_analytics_tests.scenario import ORDERS

MANIFEST = "manifest.json"
DISAGREES, LEADS_ELSEWHERE = "a manifest that disagrees", "a name that leads elsewhere"


def said(name: str, content: bytes, **entries: Any) -> dict[str, Any]:
    """What a manifest says of a file, all of it true but for these entries; None leaves one out."""
    true = {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "records": 3}
    return {key: value for key, value in (true | entries).items() if value is not None}


def manifest(*files: Mapping[str, Any]) -> bytes:
    """A manifest of these files."""
    return json.dumps({"files": files}).encode()


def agreeing(form: Format, compression: str = "", **entries: Any) -> Normalised:
    """A manifest that is true; of it these entries are left out, or say otherwise what is true."""
    name = f"orders.{form}{compression}"
    content = COMPRESSIONS[compression](write(form, good(ORDERS)))
    files = {name: content, MANIFEST: manifest(said(name, content, **entries))}
    variant = f"{compression or 'plain'}, without {', '.join(entries) or 'nothing'}"
    return Normalised("a manifest that agrees", variant, form, files, rows=rows_of(good(ORDERS)))


def disagreeing(variant: str, form: Format, **entries: Any) -> Refused:
    """A manifest of which one entry is not true."""
    name, content = f"orders.{form}", write(form, good(ORDERS))
    files = {name: content, MANIFEST: manifest(said(name, content, **entries))}
    return Refused(DISAGREES, variant, form, files, words=(name,))


def written(variant: str, content: bytes, *words: str, kind: str = DISAGREES) -> tuple[Refused, ...]:
    """A manifest with this content, beside a good file of each format."""
    return tuple(
        Refused(kind, variant, form, {f"orders.{form}": write(form, good(ORDERS)), MANIFEST: content},
                words=words or (MANIFEST,))
        for form in FORMATS
    )  # fmt: skip


def of_two_files(variant: str, form: Format, listed: tuple[str, ...], delivered: tuple[str, ...]) -> Refused:
    """A manifest that lists other files than are there."""
    contents = {f"{name}.{form}": write(form, [good(ORDERS)[n]]) for n, name in enumerate("ab")}
    listing = [said(f"{name}.{form}", contents[f"{name}.{form}"], records=1) for name in listed]
    files = {f"{name}.{form}": contents[f"{name}.{form}"] for name in delivered}
    [one_sided] = set(listed) ^ set(delivered)
    return Refused(DISAGREES, variant, form, {**files, MANIFEST: manifest(*listing)}, words=(f"{one_sided}.{form}",))


def naming(variant: str, name: str) -> tuple[Refused, ...]:
    """A manifest that names a file elsewhere, beside the delivered one."""
    return tuple(
        Refused(
            LEADS_ELSEWHERE,
            variant,
            form,
            {delivered: content, MANIFEST: manifest(said(delivered, content), said(name, content))},
            words=(MANIFEST,),
        )
        for form in FORMATS
        for delivered, content in [(f"orders.{form}", write(form, good(ORDERS)))]
    )


PLAIN = write("csv", good(ORDERS))
BLANKS = b"\n \n" + PLAIN.replace(b"\n", b"\r\n\r\n")
QUOTED = PLAIN.replace(b"O-1", b'"O-1\n2"')

AGREEING: tuple[Normalised, ...] = (
    *(agreeing(form) for form in FORMATS),
    *(agreeing(form, ".gz") for form in FORMATS),
    *(agreeing(form, sha256=None, bytes=None) for form in FORMATS),
    agreeing("csv", records=None),
    agreeing("csv", sha256=None, bytes=None, records=None),
    Normalised("a manifest that agrees", "a checksum in capitals", "csv",
               {"orders.csv": PLAIN,
                MANIFEST: manifest(said("orders.csv", PLAIN, sha256=hashlib.sha256(PLAIN).hexdigest().upper()))},
               rows=rows_of(good(ORDERS))),
    Normalised("a manifest that agrees", "blank lines are no records", "csv",
               {"orders.csv": BLANKS, MANIFEST: manifest(said("orders.csv", BLANKS))},
               rows=rows_of(good(ORDERS)), ignored=6),
)  # fmt: skip

DISAGREEING: tuple[Refused, ...] = (
    *(disagreeing("another checksum", form, sha256="0" * 64) for form in FORMATS),
    *(disagreeing("another size", form, bytes=1) for form in FORMATS),
    *(disagreeing("a size of nothing", form, bytes=0) for form in FORMATS),
    *(disagreeing("no records", form, records=0) for form in FORMATS),
    *(disagreeing("a record too many", form, records=4) for form in FORMATS),
    *(disagreeing("a record too few", form, records=2) for form in FORMATS),
    *(of_two_files("a file that is not listed", form, ("a",), ("a", "b")) for form in FORMATS),
    *(of_two_files("a file that is not there", form, ("a", "b"), ("a",)) for form in FORMATS),
    *written("no content", b""),
    *written("not JSON", b"orders.csv 3"),
    *written("not an object", b"[]"),
    *written("without files", b"{}"),
    *written("files that are none", b'{"files": "all"}'),
    *written("a number as text", b'{"files": [{"name": "orders.csv", "records": "three"}]}'),
    *naming("up", "../orders.csv"),
    *naming("up and back", "../2026-03-10/orders.csv"),
    *naming("from the root", "/etc/passwd"),
    *naming("below", "more/orders.csv"),
)

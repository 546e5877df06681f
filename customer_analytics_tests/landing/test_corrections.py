"""Files of corrections: what is written is read again, only its owner may, and a file that is none is refused."""

import csv
import hashlib
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_analytics.landing.corrections import (
    Correction,
    corrections_file,
    read_corrections,
    write_corrections,
    write_private_csv,
)
from customer_analytics.landing.errors import DeliveryRefusedError

DIGEST = hashlib.sha256(b"raw").hexdigest()
HEADER = "_file,_line,_raw_sha256,order_id,status\n"
GOOD_LINE = f"delivery.csv,2,{DIGEST},O-1,paid\n"

# What is written by what a cell is: a spreadsheet must see a text, never a formula.
CELLS = {
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "+1": "'+1",
    "-1.50": "-1.50",
    "-1": "-1",
    "12.50": "12.50",
    "-1-1": "'-1-1",
    "--1": "'--1",
    "@SUM(A1)": "'@SUM(A1)",
    "'=x": "''=x",
    "'tis": "''tis",
    "'": "''",
    "\t=x": "'\t'=x",
    "\r=x": "'\r'=x",
    " =1+1": "' =1+1",
    "a;=1+1": "a;'=1+1",
    "\uff1d1+1": "'\uff1d1+1",
    '"=1+1"': '\'"=1+1"',
    "\u200b=cmd": "'\u200b=cmd",
    "x\n=1": "x\n'=1",
    "a=b": "a=b",
    'a "quoted" text': 'a "quoted" text',
    "two\nlines": "two\nlines",
    "two\r\nlines": "two\r\nlines",
    "old\rMac": "old\rMac",
    "comma, semicolon;": "comma, semicolon;",
    " spaces ": " spaces ",
    "Zoë 王 🛒 \u202e": "Zoë 王 🛒 \u202e",
    "": "",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return corrections_file(tmp_path / "landing", "orders", date(2026, 3, 10))


def correction(line: int = 2, file: str = "delivery.csv", **cells: str) -> Correction:
    return Correction(file, line, DIGEST, {"order_id": f"O-{line}", "status": "paid"} | cells)


def write(path: Path, *corrections: Correction) -> None:
    write_corrections(path, ["order_id", "status"], corrections)


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DeliveryRefusedError) as refused:
        read_corrections(path)
    return str(refused.value)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_they_lie_beside_the_landing_area_by_source_and_day(tmp_path: Path, path: Path) -> None:
    assert path == tmp_path / "corrections" / "orders" / "2026-03-10.csv"


def test_what_is_written_is_read_again(path: Path) -> None:
    corrections = (correction(2), correction(3, status="ref,unded"), correction(9, file="b/=2.csv", order_id=""))
    write(path, *corrections)
    assert read_corrections(path) == corrections


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_a_cell_is_read_as_it_was_and_a_spreadsheet_sees_no_formula(path: Path, cell: str) -> None:
    write(path, correction(2, order_id=cell), correction(3))
    with path.open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["order_id"] == CELLS[cell]
    assert [each.cells["order_id"] for each in read_corrections(path)] == [cell, "O-3"]


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(cells=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_whatever_the_cells_are_they_are_read_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    path = tmp_path_factory.mktemp("corrections") / "2026-03-10.csv"
    write(path, *(correction(line, status=cell) for line, cell in enumerate(cells)))
    assert [each.cells["status"] for each in read_corrections(path)] == cells


def test_an_apostrophe_that_the_spreadsheet_took_away_makes_no_difference(path: Path) -> None:
    rows = [f"a.csv,{line},{DIGEST},{cell},paid" for line, cell in enumerate(("=x", "'=x", "-1.50", "'-1.50"), 2)]
    written(path, HEADER + "\n".join(rows))
    assert [each.cells["order_id"] for each in read_corrections(path)] == ["=x", "=x", "-1.50", "-1.50"]


def test_a_file_that_a_spreadsheet_saved_with_mark_and_crlf_is_read(path: Path) -> None:
    written(path, b"\xef\xbb\xbf" + (HEADER + GOOD_LINE).replace("\n", "\r\n").encode())
    assert read_corrections(path) == (Correction("delivery.csv", 2, DIGEST, {"order_id": "O-1", "status": "paid"}),)


def test_columns_may_stand_in_any_order_and_what_is_said_beside_is_not_read(path: Path) -> None:
    written(
        path,
        f"status,_raw,_line,_source,_file,_reasons,_delivery_day,order_id,_raw_sha256\n"
        f'paid,"O-1,""x",2,orders,delivery.csv,"=why",2026-03-10,O-1,{DIGEST}\n',
    )
    assert read_corrections(path) == (Correction("delivery.csv", 2, DIGEST, {"order_id": "O-1", "status": "paid"}),)


def test_a_file_of_before_our_names_had_an_underscore_is_read(path: Path) -> None:
    written(path, (HEADER + GOOD_LINE).replace("_file,_line,_raw", "file,line,raw"))
    assert read_corrections(path) == (Correction("delivery.csv", 2, DIGEST, {"order_id": "O-1", "status": "paid"}),)


def test_of_a_file_with_several_days_only_those_lines_are_read_that_were_asked_for(path: Path) -> None:
    lines = (f"orders,2026-03-{10 + line % 2},a.csv,{line},{DIGEST},O-{line}" for line in range(2, 6))
    written(path, "_source,_delivery_day,_file,_line,_raw_sha256,order_id\n" + "\n".join(lines))
    read = read_corrections(path, only={"_source": "orders", "_delivery_day": "2026-03-11"})
    assert [each.line for each in read] == [3, 5]


def test_a_raw_record_of_any_length_is_no_hindrance(path: Path) -> None:
    written(path, HEADER.replace("_file", "_raw,_file", 1) + f"{'x' * 200_000},{GOOD_LINE}")
    assert [each.line for each in read_corrections(path)] == [2]


def test_only_its_owner_may_read_it_or_look_into_its_folder(path: Path) -> None:
    write(path, correction())
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def test_a_file_that_others_could_read_is_replaced_by_one_that_they_cannot(path: Path) -> None:
    written(path, "old").chmod(0o644)
    write(path, correction())
    assert mode(path) == 0o600


def test_it_is_replaced_as_a_whole_so_that_whoever_reads_the_old_one_keeps_it(path: Path) -> None:
    write(path, correction(2))
    with path.open(encoding="utf-8") as reader:
        write(path, correction(3), correction(4))
        assert "O-2" in reader.read()
    assert [each.line for each in read_corrections(path)] == [3, 4]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_when_writing_fails_the_old_file_stays_and_nothing_beside_it(path: Path) -> None:
    write(path, correction(2))

    def rows() -> Iterator[list[str]]:
        yield ["half"]
        message = "the disk is full"
        raise OSError(message)

    with pytest.raises(OSError, match="the disk is full"):
        write_private_csv(path, ["a"], rows())
    assert [each.line for each in read_corrections(path)] == [2]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


MALFORMED = {
    "empty": (b"", 1, "the header lacks _file, _line, _raw_sha256"),
    "no place": (b"order_id,status\nO-1,paid\n", 1, "the header lacks _file, _line, _raw_sha256"),
    "no digest": (b"_file,_line,order_id\na.csv,2,O-1\n", 1, "the header lacks _raw_sha256"),
    "semicolons": (HEADER.replace(",", ";").encode(), 1, "the header lacks _file, _line, _raw_sha256"),
    "a name twice": (HEADER.replace("status", "order_id").encode(), 1, "the header has a name twice"),
    "too few cells": (f"{HEADER}{GOOD_LINE}a.csv,3,{DIGEST},O-2\n".encode(), 3, "more or fewer cells"),
    "too many cells": (f"{HEADER}{GOOD_LINE}a.csv,3,{DIGEST},O-2,paid,x\n".encode(), 3, "more or fewer cells"),
    "no line": (f"{HEADER}a.csv,,{DIGEST},O-1,paid\n".encode(), 2, "_line must be a whole number"),
    "a decimal line": (f"{HEADER}a.csv,2.0,{DIGEST},O-1,paid\n".encode(), 2, "_line must be a whole number"),
    "a negative line": (f"{HEADER}a.csv,-2,{DIGEST},O-1,paid\n".encode(), 2, "_line must be a whole number"),
    "another script's line": (f"{HEADER}a.csv,٢,{DIGEST},O-1,paid\n".encode(), 2, "_line must be a whole number"),
    "a line beyond all files": (f"{HEADER}a.csv,{'9' * 20},{DIGEST},O-1,paid\n".encode(), 2, "line must be"),
    "a line of 5,000 digits": (f"{HEADER}a.csv,{'9' * 5000},{DIGEST},O-1,paid\n".encode(), 2, "line must be"),
    "a place twice": (f"{HEADER}{GOOD_LINE}{GOOD_LINE}".encode(), 3, "delivery.csv:2 is corrected more than once"),
    "after two lines in one cell": (
        f'{HEADER}a.csv,2,{DIGEST},"O\n1",paid\nb.csv,x,{DIGEST},O-1,paid\n'.encode(),
        4,
        "_line must be a whole number",
    ),
    "text after a quote": (f'{HEADER}{GOOD_LINE}a.csv,3,{DIGEST},"O"2,paid\n'.encode(), 3, "not a CSV file"),
    "an open quote": (f'{HEADER}{GOOD_LINE}a.csv,3,{DIGEST},"O-2,paid\n'.encode(), 3, "not a CSV file"),
    "not UTF-8": (HEADER.encode() + b"a.csv,2,x,Zo\xeb,paid\n", None, "not a CSV file in UTF-8"),
    "UTF-16": ((HEADER + GOOD_LINE).encode("utf-16"), None, "not a CSV file in UTF-8"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_file_that_is_none_is_refused_with_file_line_and_remedy(path: Path, case: str) -> None:
    content, line, why = MALFORMED[case]
    words = refusal(written(path, content))
    assert words.startswith(f"{path}, line {line or ''}")
    assert why in words
    assert words.endswith("Mend the file, or remove it.")


@pytest.mark.parametrize("case", ["too few cells", "no line", "a place twice", "not UTF-8"])
def test_a_refusal_repeats_no_cell(path: Path, case: str) -> None:
    content, _, _ = MALFORMED[case]
    words = refusal(written(path, content.replace(b"paid", b"secret")))
    assert "secret" not in words
    assert "O-1" not in words

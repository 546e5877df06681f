"""Who is who: ids of customers who were merged, and which customer each of them stands for."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import duckdb
import pyarrow as pa

from customer_analytics.contracts.checks import is_visible
from customer_analytics.contracts.fields import MAX_IDENTIFIER_LENGTH
from customer_analytics.metrics.statements import statement

COLUMNS = ("alias_id", "customer_id")


class AliasesRefusedError(Exception):
    """The file of aliases cannot be used; the message says where, why and what to do."""


def read_aliases(path: Path) -> dict[str, str]:
    """Which customer every alias stands for, by alias; none where there is no file.

    The file is CSV in UTF-8 with the columns ``COLUMNS``, others are not read. A customer may be an alias of another
    one: chains are followed to their end. Spaces around ids do not count, as in deliveries.

    Raises:
        AliasesRefusedError: it is not such a file, or cannot be read; an id is blank, an alias is mapped twice or leads
            back to itself.
    """
    try:
        if not os.path.lexists(path):
            return {}
        if not path.is_file():
            raise _unreadable(path, "it is not a file")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _read(path, stream)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error


def aliases_changed(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether the file says something else than the map that was stored last; reads only.

    Raises:
        AliasesRefusedError: as ``read_aliases`` says.
    """
    stored = dict(connection.execute(statement("identity/stored")).fetchall())
    return read_aliases(path) != stored


def aliases_revision(connection: duckdb.DuckDBPyConnection) -> int:
    """The revision of the map that is stored; 0 before the first one."""
    row = connection.execute("select coalesce(max(revision), 0) from marts.alias_revisions").fetchone()
    return int(row[0]) if row else 0


def store_aliases(connection: duckdb.DuckDBPyConnection, aliases: Mapping[str, str]) -> bool:
    """Make ``marts.customer_aliases`` say what ``aliases`` says, as ``read_aliases`` gives it; whether that is new.

    A new map has a new revision, so that every derived day is stale; the change rows of the customers it concerns
    follow with the next fold. Runs in the caller's transaction.
    """
    columns = [pa.array(list(aliases.keys()), pa.string()), pa.array(list(aliases.values()), pa.string())]
    connection.register("given_aliases", pa.table(columns, names=list(COLUMNS)))
    try:
        (changes,) = connection.execute(statement("identity/changes")).fetchone() or (0,)
        if changes:
            connection.execute(statement("identity/replace"))
    finally:
        connection.unregister("given_aliases")
    return bool(changes)


def _read(path: Path, stream: TextIO) -> dict[str, str]:
    lines: dict[str, int] = {}
    direct: dict[str, str] = {}
    reader = csv.DictReader(stream, strict=True)
    try:
        _assert_header(path, reader)
        for row in reader:
            alias, customer = (_id(path, reader.line_num, row, column) for column in COLUMNS)
            if alias in lines:
                raise _refused(path, reader.line_num, f"{alias!r} has a customer already, on line {lines[alias]}")
            if alias == customer:
                raise _refused(path, reader.line_num, f"{alias!r} is mapped to itself")
            lines[alias], direct[alias] = reader.line_num, customer
    except (csv.Error, UnicodeDecodeError) as error:
        raise _refused(path, reader.line_num + 1, "this is not a CSV file in UTF-8") from error
    return _resolved(path, direct, lines)


def _assert_header(path: Path, reader: "csv.DictReader[str]") -> None:
    header = [name.strip() for name in reader.fieldnames or ()]
    if any(header.count(column) != 1 for column in COLUMNS):
        raise _refused(path, 1, f"the header must name {' and '.join(COLUMNS)}, each once")
    reader.fieldnames = header


def _id(path: Path, line: int, row: Mapping[str, str | None], column: str) -> str:
    if None in row or None in row.values():
        raise _refused(path, line, "the line has more or fewer cells than the header")
    text = (row[column] or "").strip(" \t")
    if not text:
        raise _refused(path, line, f"{column} is blank")
    if len(text) > MAX_IDENTIFIER_LENGTH or not is_visible(text):
        raise _refused(path, line, f"{column} is not an id: up to {MAX_IDENTIFIER_LENGTH} visible characters")
    return text


def _resolved(path: Path, direct: Mapping[str, str], lines: Mapping[str, int]) -> dict[str, str]:
    resolved: dict[str, str] = {}
    for alias in direct:
        passed: dict[str, None] = {}
        end = alias
        while end in direct and end not in resolved:
            passed[end] = None
            line, end = lines[end], direct[end]
            if end in passed:
                raise _refused(path, line, f"{' -> '.join([*passed, end])} leads back to where it was")
        resolved.update(dict.fromkeys(passed, resolved.get(end, end)))
    return resolved


def _refused(path: Path, line: int, why: str) -> AliasesRefusedError:
    return AliasesRefusedError(
        f"{path}, line {line}: {why}. Mend the line or take it out; until then the aliases that were read last count."
    )


def _unreadable(path: Path, why: str) -> AliasesRefusedError:
    return AliasesRefusedError(
        f"{path} cannot be read: {why}. Mend that; until then the aliases that were read last count."
    )

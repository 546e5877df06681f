"""What a change of a contract means to those who deliver and read: major, minor or patch, by semantic versioning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from customer_analytics.contracts.contract import Check, Column, Contract, ContractError, decimal_size
from customer_analytics.contracts.loosening import demands_of, is_met

Level = Literal["major", "minor", "patch"]

LEVELS: tuple[Level, ...] = ("major", "minor", "patch")

_BIGINT_DIGITS = 19
_TEXT_KEEPS = ("bigint", "boolean", "timestamp")


@dataclass(frozen=True)
class Change:
    """One difference between two contracts; ``column`` is None where it concerns the whole record.

    ``major``: what was delivered or read before may not fit any more. ``minor``: it still fits, and more does.
    ``patch``: only words and order.
    """

    level: Level
    column: str | None
    what: str


def compare(before: Contract, after: Contract) -> list[Change]:
    """Every change from one contract to another: the gravest first, then in the order of the declaration."""
    changes = [
        *_identity_changes(before, after),
        *_column_changes(before, after),
        *_check_changes(None, before.checks, after.checks),
    ]
    return sorted(changes, key=lambda change: LEVELS.index(change.level))


def highest_level(changes: Sequence[Change]) -> Level | None:
    """The gravest level among the changes; None where there are none."""
    return min((change.level for change in changes), key=LEVELS.index, default=None)


def version_numbers(version: str) -> tuple[int, int, int]:
    """A semantic version as numbers, so that 1.10.0 comes after 1.9.0."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def assert_version_raised(before: Contract, after: Contract) -> None:
    """Hold a changed contract to its version.

    Raises:
        ContractError: it promises something else, and its version does not say so; changes of level patch need no
            new version.
    """
    changes = [change for change in compare(before, after) if change.level != "patch"]
    level = highest_level(changes)
    if level is None:
        return
    major, minor, _ = version_numbers(before.version)
    lowest = (major + 1, 0, 0) if level == "major" else (major, minor + 1, 0)
    if version_numbers(after.version) < lowest:
        listed = "; ".join(f"{change.level}: {change.what}" for change in changes)
        needed = ".".join(map(str, lowest))
        message = (
            f"{after.name} {after.version} is not what {before.version} promised ({listed}). "
            f"Raise the version to at least {needed}."
        )
        raise ContractError(message)


def widens(before_sql_type: str, after_sql_type: str) -> bool:
    """Whether every value of a type is kept without loss by another; a type widens to itself."""
    if before_sql_type == after_sql_type:
        return True
    before, after = decimal_size(before_sql_type), decimal_size(after_sql_type)
    if after_sql_type == "varchar":
        return bool(before) or before_sql_type in _TEXT_KEEPS
    if not after:
        return False
    precision, scale = after
    if before:
        return scale >= before[1] and precision - scale >= before[0] - before[1]
    return before_sql_type == "bigint" and precision - scale >= _BIGINT_DIGITS


def _identity_changes(before: Contract, after: Contract) -> Iterator[Change]:
    if before.key != after.key:
        yield Change("major", None, f"the key is {after.key}, not {before.key}")
    if before.event_time != after.event_time:
        yield Change("major", None, f"the event time is {after.event_time}, not {before.event_time}")
    if before.name != after.name:
        yield Change("patch", None, f"the contract is called {after.name}, not {before.name}")
    kept = [name for name in before.column_names if name in after.column_names]
    if kept != [name for name in after.column_names if name in before.column_names]:
        yield Change("patch", None, f"the columns stand in another order: {', '.join(after.column_names)}")


def _column_changes(before: Contract, after: Contract) -> Iterator[Change]:
    new = {column.name: column for column in after.columns}
    for column in before.columns:
        if column.name in new:
            yield from _changes_of(column, new[column.name])
        else:
            yield Change("major", column.name, f"{column.name} is removed")
    for column in after.columns:
        if column.name not in before.column_names:
            level: Level = "minor" if column.nullable else "major"
            kind = "nullable" if column.nullable else "required"
            yield Change(level, column.name, f"{column.name} is added, {column.sql_type}, {kind}")


def _changes_of(before: Column, after: Column) -> Iterator[Change]:
    name = before.name
    if before.sql_type != after.sql_type:
        level: Level = "minor" if widens(before.sql_type, after.sql_type) else "major"
        yield Change(level, name, f"{name} is {after.sql_type}, not {before.sql_type}")
    if before.nullable and not after.nullable:
        yield Change("major", name, f"{name} is required, not nullable")
    if after.nullable and not before.nullable:
        yield Change("minor", name, f"{name} is nullable, not required")
    yield from _check_changes(name, before.checks, after.checks)
    if before.description != after.description:
        yield Change("patch", name, f"{name} is described anew")


def _check_changes(column: str | None, before: Sequence[Check], after: Sequence[Check]) -> Iterator[Change]:
    where = f"{column}: " if column else ""
    asked_before = [demand for check in before for demand in demands_of(check)]
    asked_after = [demand for check in after for demand in demands_of(check)]
    names_before, names_after = {check.name for check in before}, {check.name for check in after}
    stricter = set()
    for check in after:
        if not all(is_met(demand, asked_before) for demand in demands_of(check)):
            stricter.add(check.name)
            verb = "changed to" if check.name in names_before else "added:"
            yield Change("major", column, f"{where}check {verb} {_words(check)}")
    for check in before:
        if check.name not in stricter and not all(is_met(demand, asked_after) for demand in demands_of(check)):
            verb = "loosened, it was" if check.name in names_after else "removed:"
            yield Change("minor", column, f"{where}check {verb} {_words(check)}")


def _words(check: Check) -> str:
    return f"{check.name}({', '.join(f'{name}={value!r}' for name, value in check.parameters)})"

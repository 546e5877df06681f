"""``customer-analytics contract``: what a change of a contract means, and contracts as files for other tools."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from customer_analytics.cli.common import Json, console, declared, ended, print_json, read_settings, warehouse_or_end
from customer_analytics.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from customer_analytics.contracts.changes import Change
    from customer_analytics.contracts.contract import Contract
    from customer_analytics.reporting.impact import Reach


class FailOn(StrEnum):
    """From which level on ``diff`` ends with exit code 1."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


WHICH = "A source (its contract as it is now), source@1.0.0 (as recorded), a model's dotted path, or an ODCS file."
Which = Annotated[str, typer.Argument(help=WHICH)]

contract_app = typer.Typer(
    no_args_is_help=True,
    help="What a change of a contract means, and contracts as files of the Open Data Contract Standard (ODCS).",
)


@contract_app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=WHICH)],
    after: Annotated[str, typer.Argument(metavar="B", help="What A becomes, named in the same ways.")],
    fail_on: Annotated[FailOn | None, typer.Option(help="Exit code 1 where the change is at least this.")] = None,
    as_json: Json = False,
) -> None:
    """Is the change from A to B major, minor or patch, and which assets and columns does it reach?"""
    from customer_analytics.contracts.changes import LEVELS, compare, highest_level
    from customer_analytics.reporting.printing import print_changes

    (source, old), (new_source, new) = _find(before), _find(after)
    changes = compare(old, new)
    level, reaches = highest_level(changes), _reached(source, changes) or _reached(new_source, changes)
    if as_json:
        listed = [asdict(change) for change in changes]
        print_json({"level": level, "changes": listed, "reaches": [asdict(reach) for reach in reaches]})
    else:
        print_changes(console, level, changes, reaches)
    if fail_on and level and LEVELS.index(level) <= LEVELS.index(fail_on.value):
        raise typer.Exit(1)


@contract_app.command()
def export(
    source: Which,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Write a contract in the Open Data Contract Standard, as YAML."""
    from customer_analytics.contracts.contract import ContractError
    from customer_analytics.contracts.odcs import export_contract

    name, contract = _find(source)
    try:
        document = export_contract(contract, name)
    except ContractError as error:
        raise ended(str(error)) from error
    if out:
        _write(out, document)
    if as_json:
        where = {"file": str(out)} if out else {"document": document}
        print_json({"source": name, "version": contract.version, "fingerprint": contract.fingerprint} | where)
    else:
        typer.echo(f"{name} {contract.version} stands in {out}." if out else document, nl=bool(out))


@contract_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An ODCS file, version 3.")],
    name: Annotated[str | None, typer.Option(help="The source's name; the default is the file's.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the model; the default is contracts/<name>.py.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the pandera model of an ODCS file, to be read and kept like any other."""
    from customer_analytics.contracts.contract import ContractError
    from customer_analytics.contracts.odcs import import_contract
    from customer_analytics.contracts.policy import SourcePolicy
    from customer_analytics.contracts.rendering import render_model
    from customer_analytics.contracts.source import Source
    from customer_analytics.quality.compiler import assert_judgeable

    try:
        found, contract = import_contract(_read(file))
        source = Source(name or found, contract, SourcePolicy())
        model = render_model(contract, source.name)
        assert_judgeable(source)
    except ContractError as error:
        message = f"{file}: {error}"
        raise ended(message) from error
    path = out or PROJECT_ROOT / "customer_analytics" / "contracts" / f"{source.name}.py"
    if path.exists():
        message = (
            f"{path} is there already. Move it away, or choose another place with --out or another name with --name."
        )
        raise ended(message)
    _write(path, model)
    dotted = f"customer_analytics.contracts.{source.name}.{contract.name}"
    scaffold = f"dg scaffold defs customer_analytics.components.DailySource {source.name}"
    if as_json:
        print_json({"source": source.name, "file": str(path), "contract": dotted, "scaffold": scaffold})
    else:
        typer.echo(
            f"{contract.name} {contract.version} stands in {path}. Read it; then\n\n    {scaffold}\n\n"
            f"writes customer_analytics/defs/{source.name}/defs.yaml, in which to say\n\n    contract: {dotted}"
        )


def _find(which: str) -> "tuple[str, Contract]":
    """The source that a contract belongs to, and the contract; ends the command where there is none."""
    from customer_analytics.contracts.contract import ContractError, load_contract
    from customer_analytics.contracts.odcs import import_contract

    sources = {source.name: source.contract for source in declared()}
    if which in sources:
        return which, sources[which]
    try:
        if Path(which).is_file():
            return import_contract(_read(Path(which)))
        if "@" in which:
            return _recorded(*which.split("@", 1))
        if "." in which and "/" not in which:
            # A model stands in the module that is named like its source.
            return which.split(".")[-2], load_contract(which)
    except ContractError as error:
        message = f"{which}: {error}"
        raise ended(message) from error
    message = (
        f"There is no contract {which!r}. Name a source ({', '.join(sources)}), a source@version, a model or a file."
    )
    raise ended(message)


def _recorded(source: str, version: str) -> "tuple[str, Contract]":
    from customer_analytics.warehouse.contracts import recorded_contract

    with warehouse_or_end(read_settings()) as connection:
        return source, recorded_contract(connection, source, version)


def _reached(source: str, changes: "Sequence[Change]") -> "list[Reach]":
    """What is made from the columns that change in more than words; a change of the whole record touches them all."""
    from customer_analytics.reporting.impact import reached_from

    columns = {change.column for change in changes if change.level != "patch"}
    return reached_from(source, None if None in columns else {column for column in columns if column})


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {error}. Give a file in UTF-8 that may be read."
        raise ended(message) from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written: {error}. Choose another place with --out."
        raise ended(message) from error

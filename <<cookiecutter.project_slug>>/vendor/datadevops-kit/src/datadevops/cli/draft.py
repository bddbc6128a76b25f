"""The command that drafts a contract from a file."""

from pathlib import Path
from typing import Annotated

import typer

from .. import answers
from ..contract.kinds import word
from ..contract.odcs import RESERVED
from ..errors import ContractError
from ..product import Product
from ..store import objects
from .files import stored, whole
from .options import File, product_of, settings_of

OTHER_NAME = "give another name: `COMMAND new-contract FILE --name TABLE`"


def new_contract(
    context: typer.Context,
    file: File,
    name: Annotated[
        str | None, typer.Option(metavar="TABLE", help="Name of the table. [default: the file's]")
    ] = None,
) -> None:
    """Draft a contract from a file: types, nulls, ranges, key. Writes contracts/sources/TABLE.yaml.

    It reads all rows, and writes only what all of them keep. Each guess has a comment that says so.

    \b
    Example:    COMMAND new-contract data/flights.csv --name flights
    Exit code:  0 written; 2 the file cannot be used, or there is a contract of that name
    """
    from ..drafts import checked, decisions, names
    from ..engine.blame import named as blaming
    from ..engine.duckdb_engine import DuckDB

    product, settings = product_of(context), settings_of(context)
    place = whole(file)
    table = name or names.legal(place.rpartition("/")[2].partition(".")[0], "table")
    target = _free(product, table)
    known = answers.load(settings.home)
    with (
        stored(place, file, settings) as given,
        blaming(given.path, given.name),
        DuckDB(settings.memory_limit) as engine,
    ):
        named = _from_home(place, settings.home)
        draft, text = checked.contract(engine, given.path, table, named, product, known)
    _write(target, text)
    print(f"{target}: drafted from {draft.rows:,} rows, which all keep it. Decide, in this order:\n")
    for number, line in enumerate(decisions.decisions(draft, product.serves), 1):
        print(f"{number:2}. {line}")
    print(f"\nThen: {product.command} check {file} --contract {table}")


def _free(product: Product, table: str) -> Path:
    """The file for a new contract. Raises ContractError CT020 if the name cannot be used, or is."""
    try:
        word(table)
    except ValueError as error:
        raise ContractError("CT020", str(error), OTHER_NAME) from None
    if table in RESERVED:
        text = f"{table!r} is reserved: {', '.join(RESERVED)} are what a product makes"
        raise ContractError("CT020", text, OTHER_NAME)
    for maker in (*product.contracts.rglob(f"{table}.yaml"), *product.transforms.glob(f"{table}.sql")):
        raise _taken(maker)
    return product.contracts / "sources" / f"{table}.yaml"


def _taken(maker: Path) -> ContractError:
    text = f"there is a table {maker.stem!r} already: {maker}"
    return ContractError("CT020", text, f"{OTHER_NAME}, or move that file")


def _from_home(place: str, home: Path) -> str:
    """`place` as a contract names it: from the product's folder on, if it is in there."""
    if objects.is_address(place) or not Path(place).is_relative_to(home.absolute()):
        return place
    return Path(place).relative_to(home.absolute()).as_posix()


def _write(target: Path, text: str) -> None:
    """Write a new file, whole or not at all. Raises ContractError CT020 if there is one by now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = target.open("x", encoding="utf-8")
    except FileExistsError:
        raise _taken(target) from None
    try:
        with file:
            file.write(text)
    except OSError:  # a full disk
        target.unlink()
        raise

"""The command that drafts a contract, from a file or from what SQL makes."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from .. import answers
from ..contract import odcs
from ..contract.kinds import word
from ..contract.odcs import RESERVED
from ..contract.values import Contract
from ..errors import ContractError
from ..product import Product, Settings
from ..store import objects
from .files import fetched, stored, whole
from .options import product_of, settings_of

OTHER_NAME = "give another name: `COMMAND new-contract FILE --name TABLE`"
PREDICTIONS = "predictions"


def new_contract(
    context: typer.Context,
    origin: Annotated[
        str, typer.Argument(metavar="FILE|TABLE", help="A parquet or CSV file, or a table that SQL makes.")
    ],
    name: Annotated[
        str | None, typer.Option(metavar="TABLE", help="Name of the table. [default: the file's]")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="COLUMN,...", help="What identifies a row. [default: a guess]")
    ] = None,
) -> None:
    """Draft a contract: types, nulls, ranges, key. Of a FILE, it writes contracts/sources/TABLE.yaml.

    Of a TABLE that transforms/TABLE.sql makes, or of predictions, it writes contracts/TABLE.yaml; in a data
    pipeline, of one that no other SQL reads, contracts/datasets/TABLE.yaml.
    It reads all rows, and writes only what all of them keep. Each guess has a comment that says so.

    \b
    Example:    COMMAND new-contract data/flights.csv --name flights
                COMMAND new-contract features --key order,shop
    Exit code:  0 written; 2 the file cannot be used, or there is a contract of that name
    """
    product, settings = product_of(context), settings_of(context)
    columns = [each.strip() for each in key.split(",")] if key else []
    if product.serves and origin == PREDICTIONS:
        _of_predictions(product, settings)
    elif name is None and (product.transforms / f"{origin}.sql").is_file():
        _of_sql(product, settings, origin, columns)
    else:
        _of_file(product, settings, origin, name, columns)


def _of_file(product: Product, settings: Settings, file: str, name: str | None, key: list[str]) -> None:
    from ..drafts import checked, decisions, names
    from ..engine.blame import named as blaming
    from ..engine.duckdb_engine import DuckDB

    place = whole(file)
    table = name or names.legal(place.rpartition("/")[2].partition(".")[0], "table")
    target = _free(product, table)
    with (
        stored(place, file, settings) as given,
        blaming(given.path, given.name),
        DuckDB(settings.memory_limit) as engine,
    ):
        named = _from_home(place, settings.home)
        known = answers.load(settings.home)
        draft, text = checked.contract(engine, given.path, table, named, product, known, key)
    _write(target, text)
    asked = decisions.of_source(draft, product.serves)
    _tell(target, draft.rows, asked, f"{product.command} check {file} --contract {table}")


def _of_sql(product: Product, settings: Settings, table: str, key: list[str]) -> None:
    from ..drafts import decisions, made, sql_result
    from ..drafts.draft import draft
    from ..engine import graph
    from ..engine.duckdb_engine import DuckDB

    contracts = odcs.load_all(product.contracts)
    if table in contracts:
        raise _drafted(contracts[table].path)
    if table == "labels":
        _require(contracts, "features", of="labels")
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    every = [path.stem for path in product.transforms.glob("*.sql")]  # also while others are not written yet
    made_by = graph.statements(product.transforms, sources, every)
    statements = graph.needed(made_by, table)
    published = not product.serves and not any(table in each.reads for each in made_by.values())
    target = _new(product.contracts / (odcs.DATASETS if published else "") / f"{table}.yaml")
    read = {name for statement in statements.values() for name in statement.reads}
    tables = ("features", *sources) if table == "labels" else tuple(sources)
    keys = [contracts[name].keys for name in tables if name in contracts]
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(fetched(None, contract, settings))
            for name, contract in sources.items()
            if name in read
        }
        engine = stack.enter_context(DuckDB(settings.memory_limit))
        folder = stack.enter_context(TemporaryDirectory())
        path = sql_result.write(engine, sources, files, statements, Path(folder))
        found = draft(engine, path, table, key, keys)
    _write(target, made.text(found, contracts, product, answers.load(settings.home), published))
    _tell(target, found.rows, decisions.of_made(found, published), f"{product.command} run")


def _of_predictions(product: Product, settings: Settings) -> None:
    from ..drafts import promise

    target = _new(product.contracts / f"{PREDICTIONS}.yaml")
    contracts = odcs.load_all(product.contracts)
    _require(contracts, "features", "labels", of=PREDICTIONS)
    _write(target, promise.text(contracts, product, answers.load(settings.home)))
    print(f"{target}: drafted from features.yaml and labels.yaml. What is left to decide is a TODO in it.")
    print(f"\nThen: {product.command} run")


def _require(contracts: Mapping[str, Contract], *names: str, of: str) -> None:
    for name in names:
        if name not in contracts:
            text = f"{of} have the key of features: contracts/{name}.yaml is missing"
            raise ContractError("CT001", text, f"`COMMAND new-contract {name}` drafts it")


def _tell(target: Path, rows: int, decisions: Iterable[str], then: str) -> None:
    print(f"{target}: drafted from {rows:,} rows, which all keep it. Decide, in this order:\n")
    for number, line in enumerate(decisions, 1):
        print(f"{number:2}. {line}")
    print(f"\nThen: {then}")


def _free(product: Product, table: str) -> Path:
    """The file for a new contract. Raises ContractError CT020 if the name cannot be used, or is."""
    try:
        word(table)
    except ValueError as error:
        raise ContractError("CT020", str(error), OTHER_NAME) from None
    if table in RESERVED:
        text = f"{table!r} is reserved: {', '.join(RESERVED)} are what a product makes"
        hint = f"write transforms/{table}.sql first, and draft from what it makes; or {OTHER_NAME}"
        raise ContractError("CT020", text, hint)
    for maker in (*product.contracts.rglob(f"{table}.yaml"), *product.transforms.glob(f"{table}.sql")):
        raise _taken(maker)
    return product.contracts / "sources" / f"{table}.yaml"


def _new(target: Path) -> Path:
    """`target`, if there is no such file. Raises ContractError CT020."""
    if target.exists():
        raise _drafted(target)
    return target


def _drafted(target: Path) -> ContractError:
    text = f"there is a contract already: {target}"
    return ContractError("CT020", text, "edit it; or move it aside to have another one drafted")


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

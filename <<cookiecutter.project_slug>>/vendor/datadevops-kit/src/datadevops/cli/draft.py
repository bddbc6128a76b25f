"""The command that drafts a contract, from a file or from what SQL makes."""

import shlex
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from .. import answers
from ..contract import odcs, parts
from ..contract.values import Contract
from ..errors import ContractError, counted
from ..product import Product, Settings
from . import new_file
from .files import fetched, stored, whole
from .options import product_of, settings_of

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
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish TABLE, also if other SQL reads it (data pipeline).")
    ] = False,
) -> None:
    """Draft a contract: types, nulls, ranges, key. Of a FILE, it writes contracts/sources/TABLE.yaml.

    Of a TABLE that transforms/TABLE.sql makes, or of predictions, it writes contracts/TABLE.yaml; in a data
    pipeline, of one that no other SQL reads, or with --publish, contracts/datasets/TABLE.yaml.
    It reads all rows, and writes only what all of them keep. Each guess has a comment that says so.

    \b
    Example:    COMMAND new-contract data/flights.csv --name flights
                COMMAND new-contract features --key order,shop
    Exit code:  0 written; 2 the file cannot be used, or there is a contract of that name
    """
    product, settings = product_of(context), settings_of(context)
    columns = [each.strip() for each in key.split(",")] if key else []
    of_sql = name is None and (product.transforms / f"{origin}.sql").is_file()
    if publish and (product.serves or not of_sql):
        raise typer.BadParameter("--publish is for a table that SQL of a data pipeline makes: leave it out")
    if product.serves and origin == PREDICTIONS:
        _of_predictions(product, settings)
    elif of_sql:
        _of_sql(product, settings, origin, columns, publish)
    else:
        _of_file(product, settings, origin, name, columns)


def _of_file(product: Product, settings: Settings, file: str, name: str | None, key: list[str]) -> None:
    from ..drafts import checked, decisions, names
    from ..engine.blame import named as blaming
    from ..engine.duckdb_engine import DuckDB

    place = whole(file)
    table = name or names.legal(place.rpartition("/")[2].partition(".")[0], "table")
    target = new_file.free(product, table)
    with (
        stored(place, file, settings) as given,
        blaming(given.path, given.name),
        DuckDB(settings.memory_limit) as engine,
    ):
        named = new_file.from_home(place, settings.home)
        known = answers.load(settings.home)
        draft, text = checked.contract(engine, given.path, table, named, product, known, key)
    new_file.write(target, text)
    asked = decisions.of_source(draft, product.serves)
    _tell(product, target, draft.rows, asked, f"check {shlex.quote(file)} --contract {table}")


def _of_sql(product: Product, settings: Settings, table: str, key: list[str], publish: bool) -> None:
    from ..drafts import decisions, made, sql_result
    from ..drafts.draft import draft
    from ..engine import graph
    from ..engine.duckdb_engine import DuckDB

    contracts = odcs.load_all(product.contracts)
    if table in contracts:
        raise new_file.drafted(contracts[table].path)
    if table == "labels":
        _require(contracts, "features", of="labels")
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    every = [path.stem for path in product.transforms.glob("*.sql")]  # also while others are not written yet
    made_by = graph.statements(product.transforms, sources, every)
    statements = graph.needed(made_by, table)
    if product.serves and table == "features":
        from ..models import leak

        leak.refuse_after_outcome(made_by, sources)
    readers = sorted(each for each, statement in made_by.items() if table in statement.reads)
    published = publish or not (product.serves or readers)
    target = product.contracts / (odcs.DATASETS if published else "") / f"{table}.yaml"
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
    new_file.write(target, made.text(found, contracts, product, answers.load(settings.home), published))
    _tell(product, target, found.rows, decisions.of_made(found, published), _next(product))
    if not (published or product.serves):
        print(f"\nNo run publishes it: it is a table between, as the SQL of {', '.join(readers)} reads it.")
        again = f"{product.command} new-contract {table} --publish"
        print(f"To publish it too, remove that file, then: {again}")


def _of_predictions(product: Product, settings: Settings) -> None:
    from ..drafts import promise

    target = product.contracts / f"{PREDICTIONS}.yaml"
    if target.exists():
        raise new_file.drafted(target)
    contracts = odcs.load_all(product.contracts)
    _require(contracts, "features", "labels", of=PREDICTIONS)
    new_file.write(target, promise.text(contracts, product, answers.load(settings.home)))
    print(f"{target}: drafted from features.yaml and labels.yaml. What is left to decide is a TODO in it.")
    print(f"\nThen: {product.command} {_next(product)}")


def _require(contracts: Mapping[str, Contract], *names: str, of: str) -> None:
    for name in names:
        if name not in contracts:
            text = f"{of} have the key of features: contracts/{name}.yaml is missing"
            raise ContractError("CT001", text, f"`COMMAND new-contract {name}` drafts it")


def _next(product: Product) -> str:
    """The command after a draft: of the next contract that can be drafted by now, or else a run, which says
    what is to be written first."""
    part = next(iter(parts.missing(product)), None)
    drafted = part.path.removeprefix("contracts/").removesuffix(".yaml") if part else ""
    return f"new-contract {drafted}" if drafted in ("features", "labels", PREDICTIONS) else "run"


def _tell(product: Product, target: Path, rows: int, decisions: Iterable[str], then: str) -> None:
    print(f"{target}: drafted from {counted(rows, 'row')}, which all keep it. Decide, in this order:\n")
    for number, line in enumerate(decisions, 1):
        print(f"{number:2}. {line}")
    print(f"\nThen: {product.command} {then}")

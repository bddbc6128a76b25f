"""The command that drafts a contract, from a file or from what SQL makes."""

import shlex
from typing import Annotated

import typer

from .. import answers
from ..product import Product, Settings
from . import draft_made, new_file
from .files import stored, whole
from .options import product_of, settings_of


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
    columns: Annotated[
        str | None, typer.Option(metavar="COLUMN,...", help="Only these columns of a FILE. [default: all]")
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
    Example:    COMMAND new-contract data/flights.csv --name flights --columns carrier,flight,arr_delay
                COMMAND new-contract features --key order,shop
    Exit code:  0 written; 2 the file cannot be used, or there is a contract of that name
    """
    product, settings = product_of(context), settings_of(context)
    keys, only = _names(key), _names(columns)
    of_sql = name is None and (product.transforms / f"{origin}.sql").is_file()
    if publish and (product.serves or not of_sql):
        raise typer.BadParameter("--publish is for a table that SQL of a data pipeline makes: leave it out")
    of_predictions = product.serves and origin == draft_made.PREDICTIONS
    if only and (of_sql or of_predictions):
        raise typer.BadParameter("--columns is for a FILE: what SQL makes, its select says")
    if of_predictions:
        draft_made.of_predictions(product, settings)
    elif of_sql:
        draft_made.of_sql(product, settings, origin, keys, publish)
    else:
        _of_file(product, settings, origin, name, keys, only)


def _names(given: str | None) -> list[str]:
    return [each.strip() for each in given.split(",")] if given else []


def _of_file(
    product: Product, settings: Settings, file: str, name: str | None, key: list[str], only: list[str]
) -> None:
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
        draft, text = checked.contract(engine, given.path, table, named, product, known, key, only)
    new_file.write(target, text)
    product.transforms.mkdir(exist_ok=True)  # the place of what is due next
    asked = decisions.of_source(draft, product.serves)
    new_file.tell(product, target, draft.rows, asked, f"check {shlex.quote(file)} --contract {table}")

"""The command that scores the rows of a file."""

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ..contract import odcs, target
from ..contract.values import Column, Contract
from ..errors import DataError
from ..store import aliases
from .files import database, delivered, writable
from .options import File, Out, product_of, settings_of, store_of

if TYPE_CHECKING:
    from ..engine.start import Engine

Rows = StrEnum("Rows", ["features", "source"])


def score(
    context: typer.Context,
    file: File,
    out: Out,
    name: Annotated[Rows, typer.Option("--contract", help="The table that FILE contains.")] = Rows.source,
) -> None:
    """Score the rows of a file with the champion.

    Source rows become features first, so the file also needs the earlier rows that features.sql uses. Columns
    known only after the outcome may be missing.

    \b
    Example:    COMMAND score new.parquet out.parquet
    Exit code:  0 written; 1 more rows are bad than allowed; 2 the input cannot be used
    """
    from ..models import scorer

    product, settings = product_of(context), settings_of(context)
    contracts = odcs.load_all(product.contracts)
    features, wanted = contracts["features"], contracts[name]
    version = aliases.require(store_of(context, "models"), "champion")
    scorer.require_matching_inputs(version, features, target.of(contracts))
    champion = scorer.load(version)
    written = {path.resolve() for path in (writable(out), *(_refused(out, each) for each in Rows))}
    if Path(file).resolve() in written:
        raise DataError("DQ002", f"{out}: it would overwrite the input", "give another name")
    with (
        delivered(file, wanted, settings) as given,
        database(product, settings) as engine,
        TemporaryDirectory() as temporary,
    ):
        folder, path = Path(temporary), given.path
        if name is Rows.source:
            _accept(engine, wanted, path, folder, out)
            path = engine.transform(product.transforms / "features.sql", folder / "made.parquet")
        _accept(engine, features, path, folder, out)
        rows = scorer.score_table(engine, champion, features, out)
    print(f"{out}: {rows:,} rows scored by {champion.version}")


def _refused(out: Path, name: str) -> Path:
    return out.with_suffix(f".{name}-quarantine.parquet")


def _accept(engine: "Engine", wanted: Contract, file: Path, folder: Path, out: Path) -> None:
    """Load the good rows of `file` under the contract's name; write the bad ones beside `out`."""
    from ..engine import checks

    engine.read(wanted.name, file, wanted.sql_types, wanted.physical_names)
    with engine.unchanged(wanted.name):
        wanted = _before_outcome(engine, wanted, folder)
    result = checks.split(engine, wanted, folder)
    quarantine, kept = folder / checks.QUARANTINE, _refused(out, wanted.name)
    kept.unlink(missing_ok=True)  # from an earlier scoring
    if result.bad:
        quarantine = Path(shutil.move(quarantine, kept))
    checks.enforce(engine, wanted, result, quarantine)
    if result.bad:
        print(f"{checks.describe(engine, wanted, result, quarantine)}\n  see {quarantine}", file=sys.stderr)
    engine.read(wanted.name, folder / f"{wanted.name}.parquet")


def _before_outcome(engine: "Engine", wanted: Contract, folder: Path) -> Contract:
    """The contract for new rows: columns known only after the outcome may be missing, and are null."""
    later = [column for column in wanted.columns if column.known_after_outcome and not column.key]
    known = engine.types(f'from "{wanted.name}"')
    nulls = [f'cast(null as {each.sql_type}) as "{each.name}"' for each in later if each.name not in known]
    if nulls:
        engine.write(f'select *, {", ".join(nulls)} from "{wanted.name}"', folder / "given.parquet")
        engine.read(wanted.name, folder / "given.parquet")
    columns = tuple(_optional(each) if each in later else each for each in wanted.columns)
    return wanted.model_copy(update={"columns": columns})


def _optional(column: Column) -> Column:
    """The same column; any number of rows may be null."""
    rules = tuple(rule for rule in column.quality if rule.metric != "nullValues")
    return column.model_copy(update={"required": False, "quality": rules})

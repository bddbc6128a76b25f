"""The command that scores the rows of a file."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ..contract import odcs, target
from ..contract.values import Column, Contract
from ..errors import DataError, counted
from ..store import accepted, aliases
from ..store.versions import Store
from .files import by_table, database, delivered, writable
from .options import Out, product_of, settings_of, sources_of, store_of

if TYPE_CHECKING:
    from ..engine.graph import Statement
    from ..engine.start import Engine


def score(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE=FILE...", help="Rows of a source, or of `features`; FILE or its s3:// address."
        ),
    ],
    out: Out,
) -> None:
    """Score the rows of files with the champion.

    Rows of sources become features first, so a file also needs the earlier rows that the SQL uses. Of sources
    that are not given, the newest good rows are taken. Columns known only after the outcome may be missing.

    \b
    Example:    COMMAND score weather=new.parquet out.parquet
                COMMAND score features=made.parquet out.parquet
    Exit code:  0 written; 1 more rows are bad than allowed; 2 the input cannot be used
    """
    from ..engine import graph  # it loads a parser of SQL
    from ..models import matching, scorer

    product, settings = product_of(context), settings_of(context)
    contracts = odcs.load_all(product.contracts)
    features, sources = contracts["features"], sources_of(context)
    given = _given(files, sources)
    version = aliases.require(store_of(context, "models"), "champion")
    matching.require(version, features, target.of(contracts))
    champion = scorer.load(version)
    wanted = {"features": features} if "features" in given else sources
    made = {}
    if "features" not in given:
        made = graph.needed(graph.statements(product.transforms, sources, product.makes), "features")
    written = [writable(out), *(_refused(out, table) for table in (*wanted, *made))]
    if {Path(file).resolve() for file in given.values()} & {path.resolve() for path in written}:
        raise DataError("DQ002", f"{out}: it would overwrite the input", "give another name")
    with database(product, settings) as engine, TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for table, contract in wanted.items():
            if table in given:
                with delivered(given[table], contract, settings) as file:
                    _accept(engine, contract, file.path, folder, out)
            else:
                engine.read(table, _newest_good(store_of(context, table), contract))
        _make(engine, made, contracts, folder, out)
        rows = scorer.score_table(engine, champion, features, out)
    print(f"{out}: {counted(rows, 'row')} scored by {champion.version}")


def _given(files: Sequence[str], sources: Mapping[str, Contract]) -> dict[str, str]:
    """The given files by table: the features alone, or some sources."""
    if any(file.startswith("features=") for file in files):
        if len(files) > 1:
            text = f"{', '.join(files)}: features are made from sources, so both cannot be given"
            raise DataError("DQ001", text, "give the features alone, or sources")
        return {"features": files[0].partition("=")[2]}
    return by_table(files, sources)


def _newest_good(store: Store, contract: Contract) -> Path:
    """The good rows of a source from the newest delivery that a run accepted."""
    if version := accepted.newest(store, contract):
        return version.file(f"{contract.name}.parquet")
    hint = f"give {contract.name}=FILE, or run `COMMAND run` first"
    raise DataError("DQ001", f"no good rows of {contract.name} are in the store", hint)


def _make(
    engine: "Engine",
    steps: "Mapping[str, Statement]",
    contracts: Mapping[str, Contract],
    folder: Path,
    out: Path,
) -> None:
    """Make the features, and all that they are made from, from the good rows of the sources."""
    for table, statement in steps.items():
        path = engine.transform(statement.path, folder / f"made-{table}.parquet")
        if table in contracts:
            _accept(engine, contracts[table], path, folder, out, statement.path)
        else:
            engine.read(table, path)


def _refused(out: Path, name: str) -> Path:
    return out.with_suffix(f".{name}-quarantine.parquet")


def _accept(
    engine: "Engine", wanted: Contract, file: Path, folder: Path, out: Path, maker: Path | None = None
) -> None:
    """Load the good rows of `file` under the contract's name; write the bad ones beside `out`.

    `maker`: the SQL that made them.
    """
    from ..engine import checks

    engine.read(wanted.name, file, *wanted.reading)
    with engine.unchanged(wanted.name):
        wanted = _before_outcome(engine, wanted, folder)
    result = checks.split(engine, wanted, folder)
    quarantine, kept = folder / checks.QUARANTINE, _refused(out, wanted.name)
    kept.unlink(missing_ok=True)  # from an earlier scoring
    if result.bad:
        quarantine = Path(shutil.move(quarantine, kept))
    checks.enforce(engine, wanted, result, quarantine, maker)
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

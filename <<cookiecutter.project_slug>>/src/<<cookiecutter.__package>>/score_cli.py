# The template's file: edits here meet template updates (copier update merges them).
"""The command that scores the rows of a file."""

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from . import settings
from .kit import aliases
from .kit.contract import Column, Contract
from .kit.errors import DataError
from .settings import contract
from .terminal import File, Out, database, delivered, store, writable

if TYPE_CHECKING:
    from .kit.engine import Engine

Rows = StrEnum("Rows", ["features", "source"])


def score(
    file: File,
    out: Out,
    name: Annotated[Rows, typer.Option("--contract", help="What FILE holds.")] = Rows.source,
) -> None:
    """Score the rows of a file with the champion.

    Rows of the source become features first; the rows before must be in the file too. What is known
    only after the outcome may be missing.

    \b
    Example:    << cookiecutter.project_slug >> score new.parquet out.parquet
    Exit code:  0 written; 1 more rows are bad than allowed; 2 the input cannot be used
    """
    from .kit import scorer

    version = aliases.require(store("models"), "champion")
    scorer.refuse_misfit(version, contract("features"))
    champion = scorer.load(version)
    written = {path.resolve() for path in (writable(out), *(refused(out, each) for each in Rows))}
    if Path(file).resolve() in written:
        raise DataError("DQ002", f"{out}: it would overwrite what it is made from", "give another name")
    with delivered(file) as path, database() as engine, TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if name is Rows.source:
            accept(engine, contract(name), path, folder, out)
            path = engine.transform(settings.PACKAGE / "transforms/features.sql", folder / "made.parquet")
        accept(engine, contract("features"), path, folder, out)
        rows = scorer.score_table(engine, champion, contract("features"), out)
    print(f"{out}: {rows:,} rows scored by {champion.version}")


def refused(out: Path, name: str) -> Path:
    return out.with_suffix(f".{name}-quarantine.parquet")


def accept(engine: "Engine", wanted: Contract, file: Path, folder: Path, out: Path) -> None:
    """Make the good rows of `file` known by the contract's name; keep the others beside `out`."""
    from .kit import checks

    engine.read(wanted.name, file, wanted.sql_types)
    wanted = before_outcome(engine, wanted, folder)
    result = checks.split(engine, wanted, folder)
    quarantine, kept = folder / checks.QUARANTINE, refused(out, wanted.name)
    kept.unlink(missing_ok=True)  # of another file that was scored
    if result.bad:
        quarantine = Path(shutil.move(quarantine, kept))
    checks.enforce(engine, wanted, result, quarantine)
    if result.bad:
        print(f"{checks.describe(engine, wanted, result, quarantine)}\n  see {quarantine}", file=sys.stderr)
    engine.read(wanted.name, folder / f"{wanted.name}.parquet")


def before_outcome(engine: "Engine", wanted: Contract, folder: Path) -> Contract:
    """What can be asked of new rows: a column known only after the outcome may be missing, and is null."""
    later = [column for column in wanted.columns if column.known_after_outcome and not column.key]
    known = engine.types(f'from "{wanted.name}"')
    nulls = [f'cast(null as {each.sql_type}) as "{each.name}"' for each in later if each.name not in known]
    if nulls:
        engine.write(f'select *, {", ".join(nulls)} from "{wanted.name}"', folder / "given.parquet")
        engine.read(wanted.name, folder / "given.parquet")
    columns = tuple(optional(each) if each in later else each for each in wanted.columns)
    return wanted.model_copy(update={"columns": columns})


def optional(column: Column) -> Column:
    """The same, null in as many rows as may be."""
    rules = tuple(rule for rule in column.quality if rule.metric != "nullValues")
    return column.model_copy(update={"required": False, "quality": rules})

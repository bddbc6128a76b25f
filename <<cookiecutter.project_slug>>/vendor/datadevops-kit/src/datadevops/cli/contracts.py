"""The commands about a contract: check a file, make up rows."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ..errors import ContractError, DataError, counted
from .files import database, delivered, writable
from .options import File, Json, Out, contract_of, product_of, settings_of, sources_of
from .output import show


def check(
    context: typer.Context,
    file: File,
    name: Annotated[str, typer.Option("--contract", help="Table whose contract is meant, as `weather`.")],
    as_json: Json = False,
) -> None:
    """Check a file against a contract. Reads only.

    \b
    Example:    COMMAND check new.parquet --contract weather
    Exit code:  0 every row keeps every rule; 2 some rows do not, or the file cannot be used
    """
    from ..engine import checks
    from ..reports import left_out

    product, settings = product_of(context), settings_of(context)
    wanted = contract_of(context, name)
    with (
        delivered(file, wanted, settings) as given,
        database(product, settings) as engine,
        TemporaryDirectory() as folder,
    ):
        engine.read(wanted.name, given.path, *wanted.reading)
        result = checks.split(engine, wanted, Path(folder))
        notes = ([left_out.line(result.extra)] if result.extra else []) + result.warnings
        text = f"{wanted.name} v{wanted.version}: {counted(result.read, 'row')}, {result.bad:,} of them bad"
        show(vars(result), as_json, "\n  ".join([text, *notes]))
        if result.bad or result.failures:
            allowed = f"{wanted.allowed_bad_ratio:.2%} of the rows"
            stops = "it stops" if product.serves else "it refuses a partition"
            hint = f"a run puts bad rows in quarantine; {stops} above {allowed}"
            quarantine = Path(folder) / checks.QUARANTINE
            raise DataError("DQ005", checks.describe(engine, wanted, result, quarantine), hint)


def synth(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Table whose contract the rows keep.")],
    rows: Annotated[int, typer.Argument(min=0, help="How many rows.")],
    out: Out,
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 0,
    bad: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that break a rule.")] = 0.0,
) -> None:
    """Write made-up rows that keep a contract.

    Keys differ: where the contract allows fewer than ROWS, as many as it allows are written. A column that
    refers to another source (`relationships`) has values of the first 100 rows which the same seed makes for
    that one.

    \b
    Example:    COMMAND synth weather 1000000 many.parquet --bad 0.001
    Exit code:  0 written; 2 the contract does not say how to make values that keep its rules
    """
    from ..engine import checks, made_up
    from ..engine.duckdb_engine import blaming

    wanted, sources = contract_of(context, name), sources_of(context)
    with database(product_of(context), settings_of(context)) as engine, TemporaryDirectory() as folder:
        with blaming("CT007", f"contract {name}", "correct the synthetic that it names"):
            statement = made_up.sql(engine, {**sources, name: wanted}, name, rows, seed, bad)
            written = engine.write(statement, writable(out))
        engine.read(name, out)
        if not bad and (broken := checks.split(engine, wanted, Path(folder), part=True).broken):
            found = ", ".join(f"{count:,} break {rule}" for rule, count in broken.items())
            hint = "let the custom property synthetic: {sql: ...} make the columns of that rule keep it"
            raise ContractError("CT007", f"{out}: of {written:,} made-up rows {found}", hint)
        fewer = "; no more can be made up that differ in keys and unique columns" if written < rows else ""
        print(f"{out}: {counted(written, 'row')} of {name}{fewer}")

# The template's file: edits here meet template updates (copier update merges them).
"""The command line: parse, call one function, print. Results go to stdout, the rest to stderr."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

# <% if cookiecutter.product_type == 'model-service' %>
from . import models_cli as product_cli
# <% else %>
from . import publish_cli as product_cli
# <% endif %>
from .kit import synth
from .kit.errors import ContractError, DataError, ProductError, of_the_machine
from .settings import contract
from .terminal import PLAIN, File, Json, Out, database, delivered, show, writable

HELP = "<< cookiecutter.project_name >>. Every command has its own --help."
app = typer.Typer(help=HELP, pretty_exceptions_enable=False, **PLAIN)
product_cli.attach(app)


def main() -> None:
    """What a user can mend is told in a few lines; anything else shows its traceback."""
    try:
        app()
    except Exception as error:
        told = error if isinstance(error, ProductError) else of_the_machine(error)
        if told is None:
            raise
        print(f"{told}\n      docs/errors.md#{told.id.lower()}", file=sys.stderr)
        sys.exit(told.exit_code)


@app.command()
def check(
    file: File,
    name: Annotated[str, typer.Option("--contract", help="Its name, as `source`.")],
    as_json: Json = False,
) -> None:
    """Hold a file against a contract. Reads only.

    \b
    Example:    << cookiecutter.project_slug >> check new.parquet --contract source
    Exit code:  0 every row keeps every rule; 2 some do not, or the file cannot be used
    """
    from .kit import checks

    wanted = contract(name)
    with delivered(file) as path, database() as engine, TemporaryDirectory() as folder:
        engine.read(wanted.name, path, wanted.sql_types)
        result = checks.split(engine, wanted, Path(folder))
        notes = [f"column {column} is not in the contract" for column in result.extra] + result.warnings
        text = f"{wanted.name} v{wanted.version}: {result.read:,} rows, {result.bad:,} of them bad"
        show(vars(result), as_json, "\n  ".join([text, *notes]))
        if result.bad or result.failures:
            allowed = f"{wanted.allowed_bad_ratio:.2%} of the rows"
# <% if cookiecutter.product_type == 'model-service' %>
            hint = f"a run puts bad rows in quarantine; it stops above {allowed}"
# <% else %>
            hint = f"a run puts bad rows in quarantine; it refuses a month above {allowed}"
# <% endif %>
            quarantine = Path(folder) / checks.QUARANTINE
            raise DataError("DQ005", checks.describe(engine, wanted, result, quarantine), hint)


@app.command(name="synth")
def synthesize(
    rows: Annotated[int, typer.Argument(min=0, help="How many rows.")],
    out: Out,
    name: Annotated[str, typer.Option("--contract", help="Whose rows to make.")] = "source",
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 0,
    bad: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that break a rule.")] = 0.0,
) -> None:
    """Write made-up rows that keep a contract.

    \b
    Example:    << cookiecutter.project_slug >> synth 1000000 many.parquet --bad 0.001
    Exit code:  0 written; 2 the contract does not say how to make values that keep its rules
    """
    from .kit import checks
    from .kit.engine import blaming

    wanted = contract(name)
    statement = synth.sql(wanted, rows, seed, bad)
    with database() as engine, TemporaryDirectory() as folder:
        with blaming("CT007", f"contract {name}", "mend the synthetic it names"):
            written = engine.write(statement, writable(out))
        engine.read(name, out)
        if not bad and (broken := checks.split(engine, wanted, Path(folder), part=True).broken):
            found = ", ".join(f"{count:,} break {rule}" for rule, count in broken.items())
            hint = "let the custom property synthetic: {sql: ...} make the columns of that rule keep it"
            raise ContractError("CT007", f"{out}: of {written:,} made-up rows {found}", hint)
        print(f"{out}: {written:,} rows of {name}")

# The template's file: edits here meet template updates (copier update merges them).
"""The command line: parse, call one function, print. Results go to stdout, the rest to stderr."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from . import settings
from .kit import COMMAND, aliases, checks, odcs, scorer, synth
from .kit.contract import Contract
from .kit.engine import DuckDB
from .kit.errors import ContractError, DataError, NotRunError, ProductError, RefusedError, nearest
from .kit.store import Store

PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None}
app = typer.Typer(
    help="<< cookiecutter.project_name >>. Every command has its own --help, with an example.",
    add_completion=False,
    pretty_exceptions_enable=False,
    **PLAIN,
)
models_app = typer.Typer(help="The versions of the model, and which one answers.", **PLAIN)
app.add_typer(models_app, name="models")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


class Alias(StrEnum):
    champion = "champion"
    challenger = "challenger"


class Rows(StrEnum):
    features = "features"
    source = "source"


def main() -> None:
    """What a user can mend is told in a few lines; anything else shows its traceback."""
    try:
        app()
    except ProductError as error:
        print(f"{error}\n      docs/errors.md#{error.id.lower()}", file=sys.stderr)
        sys.exit(error.exit_code)


@app.command()
def run(
    source: Annotated[
        Path | None, typer.Option(help="Another source file than the contract names.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The main job: check the source, train, judge, publish predictions, write a report.

    \b
    Example:    << cookiecutter.project_slug >> run
    Exit code:  0 done; 1 refused by the contract or by the gate; 2 the input cannot be used;
                3 a check of the gate could not be made
    """
    from . import pipeline  # it needs all that trains models; the other commands do without

    here, now = settings.read(os.environ), datetime.now(UTC)
    file = source or here.home / (contract("source").location or "data")
    with DuckDB(here.memory_limit) as engine, steps() as say:
        report = pipeline.run(engine, here.store, file, now, say)
    facts = dict(report.facts) | {"report": str(here.store / "report.html")}
    print(json.dumps(facts, indent=1) if as_json else told(facts))
    if verdict := [check for check in facts["gate"] if not check["passed"]]:
        lines = "\n  ".join(f"{c['name']}: {c['figure']}, must be {c['bound']}" for c in verdict)
        candidate = facts["versions"]["candidate"]
        failed = any(check["passed"] is False for check in verdict)
        kind, error_id = (RefusedError, "ML006") if failed else (NotRunError, "ML007")
        raise kind(
            error_id,
            f"{candidate} did not pass the gate; it is kept, the champion is as before\n  {lines}",
            f"see the report; a person may promote it: `{COMMAND} models promote {candidate}`",
        )


def told(facts: dict[str, Any]) -> str:
    """A run in a few lines."""
    read, versions, model = facts["checks"]["source"], facts["versions"], facts["model"]
    quarantine = ", ".join(f"{rule} {rows}" for rule, rows in read["broken"].items())
    scores = {name: f["average_precision"] for name, f in model["figures"]["all"].items()}
    figures = ", ".join(f"{name} {score:.3f}" for name, score in scores.items())
    extra = (
        [f"columns unknown to the contract: {', '.join(read['extra'])}"] if read["extra"] else []
    )
    unknown = [f"{rows} without outcome: {why}" for why, rows in facts["unknown"].items()]
    suspicious = [f"suspicious: {n} alone has AUC {a:.3f}" for n, a in model["suspicious"].items()]
    gate = "\n".join(
        f"  {'ok  ' if c['passed'] else 'FAIL' if c['passed'] is False else '??  '} "
        f"{c['name']:45} {c['figure']:>22}  must be {c['bound']}"
        for c in facts["gate"]
    )
    notes = "".join(f"\n  {line}" for line in [*read["warnings"], *extra, *unknown, *suspicious])
    return (
        f"source       {read['read']:,} rows: {read['good']:,} good, {read['bad']:,} in quarantine"
        f"{f' ({quarantine})' if quarantine else ''}{notes}\n"
        f"candidate    {versions['candidate']}: average precision {figures}\n"
        f"gate         {'' if gate else 'not asked, the candidate is the champion'}\n{gate}\n"
        f"champion     {versions.get('champion', 'none')}\n"
        f"predictions  {versions.get('predictions', 'none')}\n"
        f"report       {facts['report']}"
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A parquet or CSV file.")],
    name: Annotated[str, typer.Option("--contract", help="source, features or predictions.")],
    as_json: Json = False,
) -> None:
    """Hold a file against a contract. Reads only.

    \b
    Example:    << cookiecutter.project_slug >> check data/weather.parquet --contract source
    Exit code:  0 every row keeps every rule; 2 some do not, or the file cannot be used
    """
    wanted = contract(name)
    with DuckDB(settings.read(os.environ).memory_limit) as engine, TemporaryDirectory() as folder:
        engine.read(wanted.name, file, wanted.sql_types)
        result = checks.split(engine, wanted, Path(folder))
        if as_json:
            print(json.dumps(vars(result), indent=1))
        if result.bad or result.failures:
            text = checks.describe(engine, wanted, result, Path(folder))
            allowed = f"{wanted.allowed_bad_ratio:.2%}"
            hint = f"a run puts such rows in quarantine, and stops above {allowed} of them"
            raise DataError("DQ005", f"{file}: {text}", hint)
    if not as_json:
        notes = [f"column {name!r} is not in the contract" for name in result.extra]
        text = f"{file} keeps {wanted.name} v{wanted.version}: {result.read:,} rows"
        print("\n  ".join([text, *notes, *result.warnings]))


@app.command(name="synth")
def synthesize(
    rows: Annotated[int, typer.Argument(min=0, help="How many rows.")],
    file: Annotated[Path, typer.Argument(help="The parquet file to write.")],
    name: Annotated[str, typer.Option("--contract", help="Whose rows to make.")] = "source",
    seed: Annotated[int, typer.Option(help="The same seed gives the same rows.")] = 0,
    bad: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rows that break a rule.")
    ] = 0.0,
) -> None:
    """Write made-up rows that keep a contract.

    \b
    Example:    << cookiecutter.project_slug >> synth 1000000 many.parquet --bad 0.001
    Exit code:  0 written; 2 the contract does not say how to make a value
    """
    statement = synth.sql(contract(name), rows, seed, bad)
    with DuckDB(settings.read(os.environ).memory_limit) as engine, written(file) as new:
        print(f"{file}: {engine.write(statement, new):,} rows of {name}")


@app.command()
def score(
    file: Annotated[Path, typer.Argument(metavar="IN", help="A parquet or CSV file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The parquet file to write.")],
    name: Annotated[
        Rows, typer.Option("--contract", help="What IN holds; source becomes features first.")
    ] = Rows.features,
) -> None:
    """Score the rows of a file with the champion.

    \b
    Example:    << cookiecutter.project_slug >> score new.parquet out.parquet --contract source
    Exit code:  0 written; 2 the input cannot be used, or more rows are bad than its contract allows
    """
    here = settings.read(os.environ)
    champion = scorer.load(aliases.require(Store(here.store / "models"), "champion"))
    with DuckDB(here.memory_limit) as engine, TemporaryDirectory() as folder:
        held = Path(folder)
        if name is Rows.source:
            accept(engine, contract("source"), file, held, out)
            made = settings.PACKAGE / "transforms" / "features.sql"
            file = engine.transform(made, held / "made.parquet")
        accept(engine, contract("features"), file, held, out)
        with written(out) as new:
            rows = scorer.score_table(engine, champion, contract("features"), new)
    print(f"{out}: {rows:,} rows scored by {champion.version}")


def accept(engine: DuckDB, wanted: Contract, file: Path, folder: Path, out: Path) -> None:
    """Make the good rows of `file` known by the contract's name; keep the others by `out`."""
    engine.read(wanted.name, file, wanted.sql_types)
    result = checks.split(engine, wanted, folder)
    if result.bad:
        kept = out.with_suffix(f".{wanted.name}-quarantine.parquet")
        text = checks.describe(engine, wanted, result, folder)
        (folder / checks.QUARANTINE).replace(kept)
        if result.bad_ratio > wanted.allowed_bad_ratio:
            raise DataError(
                "DQ005", f"{file}: {text}\n  Nothing was scored.", f"they are in {kept}"
            )
        print(f"{text}\n  They are in {kept}.", file=sys.stderr)
    engine.read(wanted.name, folder / f"{wanted.name}.parquet")


@app.command()
def status(as_json: Json = False) -> None:
    """Which model answers, since when, and how fresh its data is.

    \b
    Example:    << cookiecutter.project_slug >> status
    Exit code:  0 there is a champion; 2 there is none, or it is damaged
    """
    here = settings.read(os.environ)
    champion = aliases.require(Store(here.store / "models"), "champion")
    published = aliases.require(Store(here.store / "predictions"), "published")
    file = published.file("predictions.parquet")
    promise = contract("predictions")
    with DuckDB() as engine:
        engine.read("predictions", file)
        ((rows, newest),) = engine.rows(
            f"select count(*), max({promise.time_key}) from predictions"
        )
    facts = {
        "champion": champion.id,
        "trained_at": champion.facts["trained_at"],
        "promoted_at": aliases.stack(Store(here.store / "models"), "champion")[-1]["at"],
        "average_precision": champion.facts["figures"]["all"]["candidate"]["average_precision"],
        "predictions": str(file),
        "rows": rows,
        "newest_row": newest.isoformat(),
        "owner": promise.owner,
        "contact": promise.contact,
    }
    print(json.dumps(facts, indent=1) if as_json else table([list(fact) for fact in facts.items()]))


@models_app.command(name="list")
def list_models(as_json: Json = False) -> None:
    """All versions, the newest first.

    \b
    Example:    << cookiecutter.project_slug >> models list
    """
    store = models()
    standing = {alias: aliases.stack(store, alias)[-1:] for alias in Alias}
    found = []
    for version in map(store.open, store.versions()):
        names = [
            str(a) for a, event in standing.items() if event and event[0]["version"] == version.id
        ]
        score = version.facts["figures"]["all"]["candidate"]["average_precision"]
        found.append([version.id, version.facts["trained_at"], f"{score:.4f}", " ".join(names)])
    head = ["version", "trained_at", "average_precision", "alias"]
    print(
        json.dumps([dict(zip(head, row, strict=True)) for row in found], indent=1)
        if as_json
        else table([head, *found])
    )


@models_app.command()
def promote(
    version: Annotated[str, typer.Argument(help="As `models list` shows it.")],
    alias: Annotated[Alias, typer.Option("--as", help="What it shall be.")] = Alias.champion,
    why: Annotated[str, typer.Option(help="For the log.")] = "promoted by hand",
) -> None:
    """Let a version answer from now on.

    \b
    Example:    << cookiecutter.project_slug >> models promote 3f2a9c0d1b4e --why "storm tested"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    aliases.promote(models(), version, alias, why, datetime.now(UTC))
    print(f"{alias} is {version}; `{COMMAND} run` publishes with it")


@models_app.command()
def rollback(
    why: Annotated[str, typer.Option(help="For the log.")] = "rolled back by hand",
) -> None:
    """Let the champion before answer again; said again, the one before that.

    \b
    Example:    << cookiecutter.project_slug >> models rollback --why "too many false alarms"
    Exit code:  0 done; 2 there is no champion before
    """
    version = aliases.rollback(models(), Alias.champion, why, datetime.now(UTC))
    print(f"champion is {version.id}; `{COMMAND} run` publishes with it")


def contract(name: str) -> Contract:
    """The product's contract `name`. Raises ContractError CT001 with the nearest name."""
    folder = settings.PACKAGE / "contracts"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise ContractError("CT001", f"there is no contract {name!r}", nearest(name, known))
    return odcs.load(folder / f"{name}.yaml")


def models() -> Store:
    return Store(settings.read(os.environ).store / "models")


@contextmanager
def written(file: Path) -> Iterator[Path]:
    """A path to write to; only when all went well does the file appear under its own name."""
    if not file.parent.is_dir():
        raise DataError("DQ001", f"{file.parent}: there is no such folder", "make it first")
    new = file.with_name(f".{file.name}.new")
    try:
        yield new
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Tell the present step on a terminal; say nothing in a pipe."""
    with Console(stderr=True).status("start") as status:
        yield lambda step: status.update(step)


def table(rows: list[list[Any]]) -> str:
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(f"{cell!s:{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)

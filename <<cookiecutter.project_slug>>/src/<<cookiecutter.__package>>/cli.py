# The template's file: edits here meet template updates (copier update merges them).
"""The command line: parse, call one function, print. Results go to stdout, the rest to stderr."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from . import ops_cli, settings
from .kit import COMMAND, aliases, job, odcs, report, scorer, synth
from .kit.contract import Contract
from .kit.errors import ContractError, DataError, NotRunError, ProductError, RefusedError, StoreError, nearest
from .kit.store import Store

if TYPE_CHECKING:
    from .kit.engine import DuckDB

PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}
HELP = "<< cookiecutter.project_name >>. Every command has its own --help."
app = typer.Typer(help=HELP, pretty_exceptions_enable=False, **PLAIN)
models_app = typer.Typer(help="The versions of the model, and which one answers.", **PLAIN)
app.add_typer(models_app, name="models")
app.add_typer(ops_cli.app, name="slo")
app.add_typer(ops_cli.canary_app, name="canary")
app.command()(ops_cli.probe)

Alias = StrEnum("Alias", ["champion", "challenger"])
Rows = StrEnum("Rows", ["features", "source"])

File = Annotated[Path, typer.Argument(metavar="FILE", help="A parquet or CSV file.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="The parquet file to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Why = Annotated[str, typer.Option(help="For the log.")]


def main() -> None:
    """What a user can mend is told in a few lines; anything else shows its traceback."""
    try:
        app()
    except ProductError as error:
        print(f"{error}\n      docs/errors.md#{error.id.lower()}", file=sys.stderr)
        sys.exit(error.exit_code)


@app.command()
def run(
    source: Annotated[Path | None, typer.Option(help="Another file than the contract names.")] = None,
    as_json: Json = False,
) -> None:
    """The main job: check the source, train, judge, publish predictions, write a report.

    \b
    Example:    << cookiecutter.project_slug >> run
    Exit code:  0 done; 1 refused by the contract or by the gate; 2 the input cannot be used;
                3 a check of the gate could not be made
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin starve a busy machine
    from . import pipeline  # it needs all that trains models; the other commands do without

    here, now = settings.read(os.environ), datetime.now(UTC)
    file = source or here.home / (contract("source").location or "data")
    with database() as engine, steps() as say:
        facts = dict(pipeline.run(engine, here.store, file, now, say).facts)
    job.tell(here.store, facts, now, datetime.now(UTC), here.pushgateway)
    page = here.store / report.PAGE
    show(facts | {"report": str(page)}, as_json, f"{report.text(facts)}\nreport       {page}")
    if wrong := [check for check in facts["gate"] if not check["passed"]]:
        candidate = facts["versions"]["candidate"]
        lines = "\n  ".join(f"{c['name']}: {c['figure']}, must be {c['bound']}" for c in wrong)
        text = f"{candidate} did not pass the gate; it is kept, the champion is as before\n  {lines}"
        hint = f"see {page}; to promote it all the same: `{COMMAND} models promote {candidate}`"
        failed = any(check["passed"] is False for check in wrong)
        raise RefusedError("ML006", text, hint) if failed else NotRunError("ML007", text, hint)


@app.command()
def check(
    file: File,
    name: Annotated[str, typer.Option("--contract", help="source, features or predictions.")],
    as_json: Json = False,
) -> None:
    """Hold a file against a contract. Reads only.

    \b
    Example:    << cookiecutter.project_slug >> check new.parquet --contract source
    Exit code:  0 every row keeps every rule; 2 some do not, or the file cannot be used
    """
    from .kit import checks

    wanted = contract(name)
    with database() as engine, TemporaryDirectory() as folder:
        engine.read(wanted.name, file, wanted.sql_types)
        result = checks.split(engine, wanted, Path(folder))
        notes = [f"column {column} is not in the contract" for column in result.extra] + result.warnings
        text = f"{wanted.name} v{wanted.version}: {result.read:,} rows, {result.bad:,} of them bad"
        show(vars(result), as_json, "\n  ".join([text, *notes]))
        if result.bad or result.failures:
            allowed = f"{wanted.allowed_bad_ratio:.2%} of the rows"
            hint = f"a run puts bad rows in quarantine; it stops above {allowed}"
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
    Exit code:  0 written; 2 the contract does not say how to make a value
    """
    from .kit.engine import blaming

    statement = synth.sql(contract(name), rows, seed, bad)
    with database() as engine, blaming("CT007", f"contract {name}", "mend the synthetic it names"):
        print(f"{out}: {engine.write(statement, writable(out)):,} rows of {name}")


@app.command()
def score(
    file: File,
    out: Out,
    name: Annotated[Rows, typer.Option("--contract", help="What FILE holds.")] = Rows.source,
) -> None:
    """Score the rows of a file with the champion.

    Rows of the source become features first; the hours before must be in the file too.

    \b
    Example:    << cookiecutter.project_slug >> score new.parquet out.parquet
    Exit code:  0 written; 1 more rows are bad than allowed; 2 the input cannot be used
    """
    champion = scorer.load(aliases.require(store("models"), Alias.champion))
    if writable(out).resolve() == file.resolve():
        raise DataError("DQ002", f"{out}: it would overwrite what it is made from", "give another name")
    with database() as engine, TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if name is Rows.source:
            accept(engine, contract(name), file, folder, out)
            file = engine.transform(settings.PACKAGE / "transforms/features.sql", folder / "made.parquet")
        accept(engine, contract("features"), file, folder, out)
        rows = scorer.score_table(engine, champion, contract("features"), out)
    print(f"{out}: {rows:,} rows scored by {champion.version}")


def accept(engine: "DuckDB", wanted: Contract, file: Path, folder: Path, out: Path) -> None:
    """Make the good rows of `file` known by the contract's name; keep the others beside `out`."""
    from .kit import checks

    engine.read(wanted.name, file, wanted.sql_types)
    result = checks.split(engine, wanted, folder)
    quarantine = folder / checks.QUARANTINE
    if result.bad:
        quarantine = Path(shutil.move(quarantine, out.with_suffix(f".{wanted.name}-quarantine.parquet")))
    checks.enforce(engine, wanted, result, quarantine)
    if result.bad:
        print(f"{checks.describe(engine, wanted, result, quarantine)}\n  see {quarantine}", file=sys.stderr)
    engine.read(wanted.name, folder / f"{wanted.name}.parquet")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    management_host: Annotated[str, typer.Option(help="Address of health, metrics, status.")] = "127.0.0.1",
    management_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 9000,
    tokens: Annotated[Path | None, typer.Option(help="File of SHA-256 hashes of bearer tokens.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--insecure-anonymous", help="Let other machines ask without a token.")
    ] = False,
    drain_seconds: Annotated[
        float, typer.Option(min=0, help="How long a server that stops still takes requests.")
    ] = 5,
    answers: Annotated[
        Alias, typer.Option("--model", help="Which model answers; the challenger where it is on trial.")
    ] = Alias.champion,
) -> None:
    """Answer requests with the champion; follow it when it changes.

    The management port shows a status page with an example to paste. Logs go to stderr, as JSON.

    \b
    Example:    << cookiecutter.project_slug >> serve
                << cookiecutter.project_slug >> serve --host 0.0.0.0 --tokens tokens.sha256
    Exit code:  0 stopped by SIGTERM or Ctrl-C; 2 an address, the tokens or a contract cannot be used
    """
    from . import service  # it needs all that answers requests; the other commands do without
    from .kit import access, http, management, openapi, server, serving, telemetry

    access.refuse_open_door(host, tokens, anonymous)
    known = access.watched(tokens) if tokens else lambda: None
    here = settings.read(os.environ)
    models = serving.Serving(here.store, contract("features"), telemetry.Metrics(), answers)
    telemetry.start_logging(lambda: {"model_version": models.champion and models.champion.version.id})
    models.look()
    public = service.application(models)
    openapi.complete(public, models)
    sockets = server.bind(host, port), server.bind(management_host, management_port)
    at, inner = (f"http://{name}:{port}" for name, port in (each.getsockname()[:2] for each in sockets))
    inside = management.application(public, models, here.home / "ops" / "slo.yaml", at)
    edge = http.Service(public, models, known)
    text = f"answering at {at}/v1/predict, status at {inner}/"
    server.serve(edge, inside, sockets, models, drain_seconds, lambda: print(text, flush=True))


@app.command()
def drill(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SCENARIO]...", help="None: all.")] = None,
) -> None:
    """Break the product on purpose: does the right alert reach the right people, and end?

    A real Prometheus and Alertmanager watch the real product on ports of this machine. Nothing outside
    a temporary folder is touched; store/drill.html shows what happened.

    \b
    Example:    << cookiecutter.project_slug >> drill
                << cookiecutter.project_slug >> drill corrupt-model stale-data
    Exit code:  0 every alert came and ended; 1 one did not; 2 there is no such scenario;
                3 Prometheus or Alertmanager is not installed, or the main job fails
    """
    from . import drill_cli  # it needs the service and more; the other commands do without

    drill_cli.command(names or [])


@app.command()
def status(
    slo: Annotated[
        bool, typer.Option("--slo", help="How the objectives stand, as Prometheus sees it.")
    ] = False,
    prometheus: ops_cli.Prometheus = ops_cli.ADDRESS,
    as_json: Json = False,
) -> None:
    """Which model answers, since when, and how fresh its data is; or how the objectives stand.

    \b
    Example:    << cookiecutter.project_slug >> status
                << cookiecutter.project_slug >> status --slo --prometheus http://prometheus:9090
    Exit code:  0 told; 2 there is no champion, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        budgets = ops_cli.budgets(prometheus)
        show(budgets, as_json, ops_cli.described(budgets))
        return
    promise = contract("predictions")
    champion = aliases.require(store("models"), Alias.champion)
    published = aliases.require(store("predictions"), "published").file("predictions.parquet")
    with database() as engine:
        engine.read("predictions", published)
        ((rows, newest),) = engine.rows(f"select count(*), max({promise.time_key}) from predictions")
    facts = {
        "champion": champion.id,
        "trained_at": champion.made_at,
        "promoted_at": aliases.stack(store("models"), Alias.champion)[-1]["at"],
        "predictions": str(published),
        "rows": rows,
        "newest_row": newest.isoformat(),
        "owner": f"{promise.owner} ({promise.contact})",
    }
    show(facts, as_json, "\n".join(f"{name:12} {fact}" for name, fact in facts.items()))


@models_app.command(name="list")
def list_models(as_json: Json = False) -> None:
    """All versions of the model, the newest first.

    \b
    Example:    << cookiecutter.project_slug >> models list
    """
    models = store("models")
    in_use = {event["version"]: a for a in reversed(Alias) for event in aliases.stack(models, a)[-1:]}
    found, lines = [], []
    for name in models.versions():
        row: dict[str, Any] = {"version": name, "alias": in_use.get(name, "")}
        try:
            version = models.open(name)
            figures = version.facts["figures"]["all"]["candidate"]
            row |= {"trained_at": version.made_at, **figures}
            told = f"{version.made_at}  average precision {figures['average_precision']:.4f}"
        except StoreError:
            row["damaged"], told = True, "damaged"
        found.append(row)
        lines.append(f"{name}  {told}  {row['alias']}")
    show(found, as_json, "\n".join(lines))


@models_app.command()
def promote(
    version: Annotated[str, typer.Argument(help="As `models list` shows it.")],
    alias: Annotated[Alias, typer.Option("--as", help="What it shall be.")] = Alias.champion,
    why: Why = "promoted by hand",
) -> None:
    """Let a version answer from now on.

    \b
    Example:    << cookiecutter.project_slug >> models promote 3f2a9c0d1b4e --why "storm tested"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    aliases.promote(store("models"), version, alias, why, datetime.now(UTC))
    print(
        f"{alias} is {version}" + (f"; `{COMMAND} run` publishes with it" if alias is Alias.champion else "")
    )


@models_app.command()
def rollback(why: Why = "rolled back by hand") -> None:
    """Let the champion before answer again.

    Said again, it is the one before that; it never toggles.

    \b
    Example:    << cookiecutter.project_slug >> models rollback --why "too many false alarms"
    Exit code:  0 done; 2 there is no champion before
    """
    version = aliases.rollback(store("models"), Alias.champion, why, datetime.now(UTC))
    print(f"champion is {version.id}; `{COMMAND} run` publishes with it")


@contextmanager
def database() -> Iterator["DuckDB"]:
    from .kit.engine import DuckDB  # 20 MB that a server does without

    with DuckDB(settings.read(os.environ).memory_limit) as engine:
        yield engine


def show(facts: Any, as_json: bool, text: str) -> None:
    print(json.dumps(facts, indent=1) if as_json else text)


def store(name: str) -> Store:
    return Store(settings.read(os.environ).store / name)


def contract(name: str) -> Contract:
    """The product's contract `name`. Raises ContractError CT001 with the nearest name."""
    known = {path.stem: path for path in (settings.PACKAGE / "contracts").glob("*.yaml")}
    if name not in known:
        raise ContractError("CT001", f"there is no contract {name!r}", nearest(name, sorted(known)))
    return odcs.load(known[name])


def writable(out: Path) -> Path:
    """`out`, if a parquet file can come there."""
    if not out.parent.is_dir():
        raise DataError("DQ001", f"{out.parent}: there is no such folder", "make it first")
    if out.suffix != ".parquet" or out.is_dir():
        hint = f"name it {out.with_suffix('.parquet')}"
        raise DataError("DQ002", f"{out}: only a parquet file is written", hint)
    return out


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Tell the present step on a terminal; say nothing in a pipe."""
    with Console(stderr=True).status("start") as status:
        yield lambda step: status.update(step)

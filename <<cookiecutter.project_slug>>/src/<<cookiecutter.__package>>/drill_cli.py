# The template's file: edits here meet template updates (copier update merges them).
"""The command `drill`: make a store that is up to date, break copies of it, tell what was seen."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from threading import Event

from rich.console import Console
from rich.live import Live
from rich.table import Table

from . import ops_cli, settings
from .kit import COMMAND, alerts, drill, watchers
# <% if cookiecutter.product_type == 'model-service' %>
from .kit import faults as product
# <% else %>
from .kit import deliveries as product
# <% endif %>
from .kit.contract import Contract
from .kit.engine import DuckDB
from .kit.errors import NotRunError, RefusedError, SettingsError, nearest
from .kit.page import rendered
from .kit.predicates import literal
from .kit.scenarios import PAGE, Result, play
from .kit.slo import Promise
from .terminal import delivered

START = [sys.executable, "-c", f"from {settings.PACKAGE.name} import cli; cli.main()"]


def command(names: Sequence[str]) -> None:
    """Play these scenarios, all if none is named, and tell how each went."""
    for name in names:
        if name not in product.SCENARIOS:
            raise SettingsError("OP007", f"there is no scenario {name!r}", nearest(name, product.SCENARIOS))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it, nothing is left behind
    promise = ops_cli.promise()
    known = {alert.name for alert in alerts.alerts(promise)} | {""}
    results = [Result(name, each) for name, each in product.SCENARIOS.items() if name in (names or [name])]
    asked = [result for result in results if result.scenario.alert in known]
    for result in results:
        if result not in asked:
            print(f"{result.name}: ops/slo.yaml does not promise what it breaks", file=sys.stderr)
    if not asked:
        text = "none of these scenarios can be played: the drill was NOT RUN"
        raise NotRunError("OP007", text, "let ops/slo.yaml promise it, or name another")
    watchers.programs()
    folder = Path(mkdtemp(prefix="drill-"))
    with drill.guarded(folder) as group, shown(asked) as show:
        plan, stop = prepare(folder, group, promise), Event()
        with ThreadPoolExecutor(len(asked) or 1) as pool:  # all at once: most of a case is waiting
            try:
                running = {pool.submit(play, result, plan, stop): result for result in asked}
                for done in as_completed(running):
                    done.result()
                    show(running[done])
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    Console().print(table(asked))
    file = settings.read(os.environ).store / PAGE
    file.parent.mkdir(parents=True, exist_ok=True)
    page = rendered(PAGE, results=asked, service=promise.service, now=datetime.now(UTC))
    file.write_text(page, encoding="utf-8")
    print(f"{file}: what happened when, to look at together")
    if failed := [result for result in asked if result.error]:
        text = "\n  ".join(f"{result.name}: {result.error}" for result in failed)
        hint = f"see {file}, ops/slo.yaml and ops/generated"
        raise RefusedError("OP009", f"{len(failed)} of {len(asked)} scenarios failed\n  {text}", hint)


@contextmanager
def shown(results: Sequence[Result]) -> Iterator[Callable[[Result], None]]:
    """Where each case is: live on a terminal, a line for each that ends in a pipe."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Live(console=console, get_renderable=lambda: table(results), transient=True):
            yield lambda _: None
    else:
        yield lambda r: print(
            f"{r.name}: {r.state}" + f", {r.error}" * bool(r.error), file=sys.stderr, flush=True
        )


def table(results: Sequence[Result]) -> Table:
    made = Table("scenario", "alert", "told", "detected", "recovered", "", box=None)
    for r in results:
        times = [
            f"{end - begin:.1f} s" if end else ""
            for begin, end in ((r.broken, r.detected), (r.healed, r.recovered))
        ]
        made.add_row(r.name, r.scenario.alert or "none", r.told, *times, r.state)
    return made


def refresh(engine: DuckDB, source: Contract, file: Path, now: datetime, fresh: Path) -> None:
    """Write the rows of `file` to `fresh`, as if the newest were of this hour, day, week or month.

    Every time of a row moves as far as the one in its key, so that rules about two of them still hold.
    """
    engine.read("source", file, source.sql_types)
    time = f'"{source.time_key}"'
    newest = f"max({time})"
    for unit in ("month", "week", "day", "hour"):  # what begins with one then still does
        begins = f"bool_and({time} = date_trunc('{unit}', {time}))"
        now_or_before = f"{literal(now)} - ({newest} - date_trunc('{unit}', {newest}))"
        past = f"date_diff('{unit}', {newest}, {now_or_before})"
        ((even, count),) = engine.rows(f"select {begins}, {past} from source")
        if even:
            break
    moved = ", ".join(
        f'"{name}" + to_{unit}s({count}) as "{name}"'
        for name, type_ in engine.types("from source").items()
        if source.sql_types.get(name) == "TIMESTAMP" and type_.startswith("TIMESTAMP")
    )
    engine.write(f"select * replace ({moved}) from source", fresh)


def prepare(folder: Path, group: int, promise: Promise) -> drill.Plan:
    """A store whose newest row is of this hour, as the main job makes it."""
    here, now = settings.read(os.environ), datetime.now(UTC).replace(tzinfo=None)
    fresh = folder / "source.parquet"
    with delivered(None) as file, DuckDB(here.memory_limit) as engine:
        refresh(engine, settings.contract("source"), file, now, fresh)

    def environment(store: Path) -> dict[str, str]:
        ours = {"HOME": str(here.home), "STORE": str(store), "PUSHGATEWAY": "", "LOCAL": "yes"}
        named = {f"{settings.PREFIX}{name}": value for name, value in ours.items()}
        return named | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    run, known = [*START, "run", "--source", str(fresh)], os.environ | environment(folder / "store")
    done = subprocess.run(run, env=known, process_group=group, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        text = f"`{COMMAND} run` on rows of today fails: the drill was NOT RUN\n{done.stderr.strip()}"
        raise NotRunError("OP008", text, "mend that first")
    start = product.starter(settings.contract, folder)
    return drill.Plan(START, environment, folder, group, ops_cli.operations(), promise, start)

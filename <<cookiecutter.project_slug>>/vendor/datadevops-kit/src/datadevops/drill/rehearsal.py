"""Run scenarios: make a fresh store, break copies of it on purpose, show what happened.

In:       a product, its settings, names of scenarios.
Out:      a table on the terminal, store/drill.html.
Failure:  SettingsError OP007 (an unknown scenario); NotRunError OP007 (no objective covers any of them),
          OP004 (Prometheus is not installed), OP008 (the main job fails), OP014 (the machine is too slow to
          judge); RefusedError OP009 (a scenario failed).
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from types import ModuleType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from ..contract import odcs
from ..contract.values import Contract
from ..errors import NotRunError, RefusedError, SettingsError, counted, nearest
from ..ops import alerts, own_objectives
from ..ops.objectives import Objectives
from ..product import Product, Settings
from ..reports.page import rendered
from . import lateness, monitoring, processes
from .preparation import prepare
from .scenarios import FAILED, NOT_RUN, PAGE, Result, play


def scenarios_of(product: Product) -> ModuleType:
    """The module with the faults of this kind of product."""
    if product.serves:
        from . import faults  # a data pipeline has no packages for serving

        return faults
    from . import deliveries

    return deliveries


def rehearse(product: Product, settings: Settings, names: Sequence[str]) -> None:
    """Run these scenarios, all if none is named, and show the results."""
    kind, objectives = scenarios_of(product), own_objectives.load(product, settings.home)
    asked = _chosen(kind, objectives, odcs.load_all(product.contracts), names)
    monitoring.programs()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up on SIGTERM too
    folder = Path(mkdtemp(prefix="drill-"))
    together = 2 * (os.cpu_count() or 1)  # a scenario mostly waits, but none may starve another
    with processes.guarded(folder) as group, lateness.measured(group) as late, _shown(asked) as show:
        plan, stop = prepare(product, settings, kind, objectives, folder, group, late), Event()
        with ThreadPoolExecutor(together) as pool:
            try:
                running = {pool.submit(play, result, plan, stop): result for result in asked}
                for done in as_completed(running):
                    done.result()
                    show(running[done])
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    _report(asked, objectives, settings.store / PAGE)


def _chosen(
    kind: ModuleType, objectives: Objectives, contracts: Mapping[str, Contract], names: Sequence[str]
) -> list[Result]:
    """The scenarios with these names that can happen and break an objective."""
    for name in names:
        if name not in kind.SCENARIOS:
            raise SettingsError("OP007", f"there is no scenario {name!r}", nearest(name, kind.SCENARIOS))
    known = {alert.name for alert in alerts.alerts(objectives)} | {""}
    asked = []
    for name, scenario in kind.SCENARIOS.items():
        if names and name not in names:
            continue
        if scenario.alert not in known:
            print(f"{name}: it breaks no objective in ops/slo.yaml", file=sys.stderr)
        elif why := scenario.impossible(contracts):
            print(f"{name}: it cannot happen here: {why}", file=sys.stderr)
        else:
            asked.append(Result(name, scenario))
    if not asked:
        text = "none of these scenarios can be played: the drill was NOT RUN"
        raise NotRunError("OP007", text, "add such an objective to ops/slo.yaml, or name another scenario")
    return asked


def _report(results: Sequence[Result], objectives: Objectives, file: Path) -> None:
    Console(width=None if sys.stdout.isatty() else 160).print(_table(results))  # in a log no name is cut
    file.parent.mkdir(parents=True, exist_ok=True)
    page = rendered(PAGE, results=results, service=objectives.service, now=datetime.now(UTC))
    file.write_text(page, encoding="utf-8")
    print(f"{file}: what happened, over time")
    if failed := [result for result in results if result.state == FAILED]:
        text = f"{len(failed)} of {counted(len(results), 'scenario')} failed\n  {_errors(failed)}"
        raise RefusedError("OP009", text, f"see {file}, ops/slo.yaml and ops/generated")
    if unjudged := [result for result in results if result.state == NOT_RUN]:
        which = f"{len(unjudged)} of {counted(len(results), 'scenario')}"
        text = f"NOT RUN: {which}, as this machine is too slow to judge"
        hint = "end what else runs here, or run them one by one: `COMMAND drill SCENARIO`"
        raise NotRunError("OP014", f"{text}\n  {_errors(unjudged)}", hint)


def _errors(results: Sequence[Result]) -> str:
    return "\n  ".join(f"{result.name}: {result.error}" for result in results)


@contextmanager
def _shown(results: Sequence[Result]) -> Iterator[Callable[[Result], None]]:
    """The state of each scenario: live on a terminal; in a pipe, one line when a scenario ends."""
    console = Console(stderr=True)
    if console.is_terminal and sys.stderr.isatty():  # FORCE_COLOR alone makes no terminal of a log
        with Live(console=console, get_renderable=lambda: _table(results), transient=True):
            yield lambda _: None
    else:
        yield lambda r: print(
            f"{r.name}: {r.state}" + f", {r.error}" * bool(r.error), file=sys.stderr, flush=True
        )


def _table(results: Sequence[Result]) -> Table:
    made = Table("scenario", "alert", "alerted", "detected", "recovered", "", box=None)
    for r in results:
        times = [
            f"{end - begin:.1f} s" if end else ""
            for begin, end in ((r.broken, r.detected), (r.healed, r.recovered))
        ]
        also = f", also {', '.join(sorted(r.symptoms))}" if r.symptoms else ""
        made.add_row(r.name, r.scenario.alert or "none", r.alerted, *times, r.state + also)
    return made

"""A running product with a real Prometheus and Alertmanager, to be broken from outside.

In:       how to start the product, a store to copy, ops/generated.
Out:      a `Stack` on free ports of this machine: healthy, its rules evaluated.
Failure:  NotRunError OP004 (Prometheus is not installed), TimeoutError (names what did not happen). No
          process is left behind, not even after `kill -9`.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from typing import Any, NamedTuple

from ..contract.values import Contract
from ..ops.objectives import Objective, Objectives
from ..telemetry import direct, prometheus, run_metrics
from . import monitoring, receivers
from .lateness import Lateness
from .processes import end, free_port

PATIENCE = 60.0  # seconds for steps that take five on an idle machine; a late machine gets more


class DrillError(Exception):
    """The product, its rules or its routes are wrong."""


class UnexpectedAlertError(DrillError):
    """An alert that has nothing to do with the fault; on a machine that is too slow it proves nothing."""


class Plan(NamedTuple):
    """The part that all stacks of a drill share."""

    command: Sequence[str]  # of the product; arguments are appended
    environment: Callable[[Path], Mapping[str, str]]  # variables that point the product to a store
    folder: Path  # all files of the drill; its store/ is copied for each stack
    group: int  # of processes, see `processes.guarded`
    ops: Path
    objectives: Objectives  # what ops/slo.yaml says
    lateness: Lateness  # of this machine
    start: Callable[["Stack"], Any]  # the product: `targets` are scraped, `seen` is PromQL: has metrics

    def objective(self, name: str) -> Objective:
        return next(each for each in self.objectives.slos if each.name == name)

    @property
    def too_late(self) -> float:
        """Age in seconds: a day above the limit of the freshness objective."""
        return self.objective("freshness").limit + 86400


class Scenario(NamedTuple):
    alert: str  # empty: nobody must be alerted
    about: str
    fault: Callable[["Stack"], AbstractContextManager[None]]
    panels: bool = False  # whether every panel of the dashboard must have data
    symptoms: tuple[str, ...] = ()  # other alerts that this fault may raise
    # Why it cannot happen to a product with these contracts; empty if it can.
    impossible: Callable[[Mapping[str, Contract]], str] = lambda _: ""


@contextmanager
def healthy(plan: Plan, stop: Event) -> Iterator["Stack"]:
    """A stack whose rules are evaluated; its processes end with the block."""
    with ExitStack() as opened:
        stack = Stack(plan, stop, opened)
        stack.start()
        yield stack


class Stack:
    def __init__(self, plan: Plan, stop: Event, opened: ExitStack) -> None:
        self.plan, self.stop, self._opened = plan, stop, opened
        self.received: list[receivers.Notification] = []
        self.late = 0.0  # seconds by which a job's metrics are made older
        self.folder = Path(mkdtemp(dir=plan.folder))
        self.store, self._log = self.folder / "store", self.folder / "log"  # the product's output

    def start(self) -> None:
        server, manager = monitoring.programs()
        shutil.copytree(self.plan.folder / "store", self.store, symlinks=True)
        figures, generated = self.store / run_metrics.FILE, self.plan.ops / "generated"
        hook = self._opened.enter_context(receivers.listening(figures, self.received, lambda: self.late))
        self.product = self.plan.start(self)
        self._opened.callback(self.product.close)
        at, inside = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.prometheus, self.alertmanager = f"http://{at}", f"http://{inside}"
        jobs = {
            self.plan.objectives.service["name"]: self.product.targets,
            "run": [hook.removeprefix("http://")],
        }
        monitoring.write(self.folder, generated, jobs, inside, hook)
        words = f"--config.file=alertmanager.yml --web.listen-address={inside} --cluster.listen-address="
        self.run(manager, *words.split())
        words = f"--config.file=prometheus.yml --web.listen-address={at} --storage.tsdb.path=tsdb"
        self.run(server, *words.split(), "--web.enable-lifecycle", "--rules.alert.resend-delay=2s")
        # If the rules came first, they would alert about metrics that do not exist yet.
        self.wait(lambda: self.query(self.product.seen), "metrics of the product")
        self.wait(lambda: self.ask("alertmanagers")["activeAlertmanagers"], "Alertmanager")
        monitoring.write_rules(self.folder, generated)
        direct.urlopen(f"{self.prometheus}/-/reload", b"", timeout=5).close()
        self.wait(lambda: self.query("ALERTS"), "the rules")

    def run(self, *command: str, log: str = "tools") -> subprocess.Popen[bytes]:
        """Start a process that ends with the stack; its output goes to a file in the folder."""
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env=os.environ | self.plan.environment(self.store),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                process_group=self.plan.group,
            )
        self._opened.callback(end, process)
        return process

    def command(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command of the product on the store of this stack."""
        return self.run(*self.plan.command, *words, log=self._log.name)

    @property
    def output(self) -> str:
        """The end of the product's output."""
        return self._log.read_text(errors="replace")[-2000:]

    def ask(self, path: str, **asked: object) -> Any:
        return prometheus.ask(self.prometheus, path, **asked)

    def query(self, expression: str) -> Any:
        return self.ask("query", query=expression)["result"]

    def active(self) -> dict[str, str]:
        """Alert -> pending or firing."""
        return {each["metric"]["alertname"]: each["metric"]["alertstate"] for each in self.query("ALERTS")}

    def inhibited(self) -> dict[str, bool]:
        """Alert -> whether another alert silences it, for all that Alertmanager knows."""
        found = prometheus.fetch(f"{self.alertmanager}/api/v2/alerts")
        return {each["labels"]["alertname"]: bool(each["status"]["inhibitedBy"]) for each in found}

    def scrape_gap(self) -> float:
        """The most seconds between two scrapes of the job's figures, which the drill serves itself."""
        found = self.query('up{job="run"}[1h]')
        times = [float(at) for each in found for at, value in each["values"] if value == "1"]
        return max((after - before for before, after in pairwise(times)), default=0.0)

    @property
    def patience(self) -> float:
        """Seconds to wait for anything."""
        return PATIENCE * self.plan.lateness.factor()

    def wait(self, true: Callable[[], Any], what: str) -> None:
        """Wait until it is true. Raises TimeoutError, or InterruptedError when the drill is stopped."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < self.patience:
            try:
                if true():
                    return
            except OSError:  # no answer yet
                pass
            self.pause(0.1)
        raise TimeoutError(f"timed out after {waited:.0f} s waiting for {what}")

    def pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise InterruptedError("the drill was stopped")

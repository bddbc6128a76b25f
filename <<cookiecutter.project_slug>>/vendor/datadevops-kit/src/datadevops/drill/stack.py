"""A running product with a real Prometheus and Alertmanager, to be broken from outside.

In:       how to start the product, a store to copy, ops/generated.
Out:      a `Stack` on free ports of this machine: healthy, its rules evaluated.
Failure:  NotRunError OP004 (Prometheus is not installed), TimeoutError (names what did not happen). No
          process is left behind, not even after `kill -9`.
"""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from secrets import randbelow
from tempfile import mkdtemp
from threading import Event
from typing import Any, NamedTuple

from ..ops.objectives import Objective, Objectives
from ..telemetry import prometheus, run_metrics
from . import monitoring, receivers

PORTS = range(10_000, 32_768)  # higher ports are assigned by the operating system
_turns = count(randbelow(len(PORTS)))  # each port once; other processes start at another port
PATIENCE = 60.0  # seconds for steps that take five on an idle machine


class DrillError(Exception):
    """Something that the drill requires did not happen."""


class Plan(NamedTuple):
    """The part that all stacks of a drill share."""

    command: Sequence[str]  # of the product; arguments are appended
    environment: Callable[[Path], Mapping[str, str]]  # variables that point the product to a store
    folder: Path  # all files of the drill; its store/ is copied for each stack
    group: int  # of processes, see `guarded`
    ops: Path
    objectives: Objectives  # what ops/slo.yaml says
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
    symptoms: tuple[str, ...] = ()  # other alerts that this fault may cause on a busy machine


@contextmanager
def guarded(folder: Path) -> Iterator[int]:
    """A process group that is killed, with its folder deleted, when this process ends in any way: then the
    pipe to the guard closes."""
    guard = ["sh", "-c", 'read line; rm -rf "$0"; kill -9 0', str(folder)]
    with subprocess.Popen(guard, stdin=subprocess.PIPE, process_group=0) as process:  # noqa: S603
        yield process.pid


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
        urllib.request.urlopen(f"{self.prometheus}/-/reload", b"", timeout=5).close()  # noqa: S310
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

    def passed(self) -> Any:
        """The alerts in Alertmanager that no other alert inhibits."""
        return prometheus.fetch(f"{self.alertmanager}/api/v2/alerts?inhibited=false")

    def wait(self, true: Callable[[], Any], what: str) -> None:
        """Wait until it is true. Raises TimeoutError, or InterruptedError when the drill is stopped."""
        end_at = time.monotonic() + PATIENCE
        while time.monotonic() < end_at:
            try:
                if true():
                    return
            except OSError:  # no answer yet
                pass
            self.pause(0.1)
        raise TimeoutError(f"timed out after {PATIENCE:.0f} s waiting for {what}")

    def pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise InterruptedError("the drill was stopped")


def free_port() -> int:
    """A free port that neither this process nor the operating system gives to anybody else."""
    while True:
        port = PORTS[next(_turns) % len(PORTS)]
        with socket.socket() as asked, suppress(OSError):  # the port is in use
            asked.bind(("127.0.0.1", port))
            return port


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: nothing needs to be saved, and a paused process would not react to SIGTERM."""
    process.kill()
    process.wait()

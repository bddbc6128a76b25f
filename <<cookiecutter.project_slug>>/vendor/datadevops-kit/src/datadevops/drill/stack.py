"""A running product with a real Prometheus and Alertmanager, to be broken from outside.

In:       how to start the product, a store to copy, ops/generated.
Out:      a `Stack` on free ports of this machine: healthy, its rules evaluated.
Failure:  NotRunError OP004 (Prometheus is not installed), TimeoutError (names what did not happen). No
          process is left behind, not even by `kill -9`.
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

PORTS = range(10_000, 32_768)  # above these are the ports that systems assign
_turns = count(randbelow(len(PORTS)))  # each port once; other processes begin elsewhere
PATIENCE = 60.0  # seconds for what takes five on a quiet machine


class DrillError(Exception):
    """What the drill demands did not happen."""


class Plan(NamedTuple):
    """What all stacks of a drill share."""

    command: Sequence[str]  # of the product, to which its words are added
    environment: Callable[[Path], Mapping[str, str]]  # variables that make a store the product's
    folder: Path  # for all files of the drill; its store/ is copied for each stack
    group: int  # of processes, see `guarded`
    ops: Path
    objectives: Objectives  # what ops/slo.yaml says
    start: Callable[["Stack"], Any]  # the product: `seen` is PromQL for its work, `targets` are scraped

    def objective(self, name: str) -> Objective:
        return next(each for each in self.objectives.slos if each.name == name)

    @property
    def too_late(self) -> float:
        """Seconds: a day older than what is published may be."""
        return self.objective("freshness").limit + 86400


class Scenario(NamedTuple):
    alert: str  # empty: nobody must be alerted
    about: str
    fault: Callable[["Stack"], AbstractContextManager[None]]
    panels: bool = False  # whether all that a dashboard shows is there then
    symptoms: tuple[str, ...] = ()  # alerts that this fault may raise as well, on a busy machine


@contextmanager
def guarded(folder: Path) -> Iterator[int]:
    """A process group that dies, and takes the folder with it, when this process ends, however it does:
    then nobody holds the other end of its pipe."""
    guard = ["sh", "-c", 'read line; rm -rf "$0"; kill -9 0', str(folder)]
    with subprocess.Popen(guard, stdin=subprocess.PIPE, process_group=0) as process:  # noqa: S603
        yield process.pid


@contextmanager
def healthy(plan: Plan, stop: Event) -> Iterator["Stack"]:
    """A stack whose rules are evaluated; what it has started ends with it."""
    with ExitStack() as opened:
        stack = Stack(plan, stop, opened)
        stack.start()
        yield stack


class Stack:
    def __init__(self, plan: Plan, stop: Event, opened: ExitStack) -> None:
        self.plan, self.stop, self._opened = plan, stop, opened
        self.received: list[receivers.Notification] = []
        self.late = 0.0  # seconds by which a job's figures are older than they say
        self.folder = Path(mkdtemp(dir=plan.folder))
        self.store, self._log = self.folder / "store", self.folder / "log"  # what the product says

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
        # Rules before data would alert about metrics that do not exist yet.
        self.wait(lambda: self.query(self.product.seen), "metrics of the product")
        self.wait(lambda: self.ask("alertmanagers")["activeAlertmanagers"], "Alertmanager")
        monitoring.write_rules(self.folder, generated)
        urllib.request.urlopen(f"{self.prometheus}/-/reload", b"", timeout=5).close()  # noqa: S310
        self.wait(lambda: self.query("ALERTS"), "the rules")

    def run(self, *command: str, log: str = "tools") -> subprocess.Popen[bytes]:
        """Start a process that ends with the stack; its words go to a file in the folder."""
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
    def words(self) -> str:
        """What the product has said last."""
        return self._log.read_text(errors="replace")[-2000:]

    def ask(self, path: str, **asked: object) -> Any:
        return prometheus.ask(self.prometheus, path, **asked)

    def query(self, expression: str) -> Any:
        return self.ask("query", query=expression)["result"]

    def active(self) -> dict[str, str]:
        """Alert -> pending or firing."""
        return {each["metric"]["alertname"]: each["metric"]["alertstate"] for each in self.query("ALERTS")}

    def passed(self) -> Any:
        """The alerts that Alertmanager has and that no other one silences."""
        return prometheus.fetch(f"{self.alertmanager}/api/v2/alerts?inhibited=false")

    def wait(self, true: Callable[[], Any], what: str) -> None:
        """Until it is true. Raises TimeoutError, InterruptedError when the drill is stopped."""
        end_at = time.monotonic() + PATIENCE
        while time.monotonic() < end_at:
            try:
                if true():
                    return
            except OSError:  # it does not answer yet
                pass
            self.pause(0.1)
        raise TimeoutError(f"{what} did not come within {PATIENCE:.0f} s")

    def pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise InterruptedError("the drill was stopped")


def free_port() -> int:
    """A free port that neither this process nor the system gives to anybody else."""
    while True:
        port = PORTS[next(_turns) % len(PORTS)]
        with socket.socket() as asked, suppress(OSError):  # somebody listens there
            asked.bind(("127.0.0.1", port))
            return port


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: nothing needs to be saved, and a stopped process would not react to SIGTERM."""
    process.kill()
    process.wait()

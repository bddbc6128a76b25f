# The template's file: edits here meet template updates (copier update merges them).
"""The product at work, watched by a real Prometheus and Alertmanager, to be broken from outside.

In:       how to start the product, a store to copy, ops/generated.
Out:      a `Stack` on free ports of this machine: healthy, its rules evaluated.
Failure:  NotRunError OP004 (Prometheus is not installed), TimeoutError (names what did not come). No
          process is left behind, not even by `kill -9`.

Expressions, labels and routes are those of production. What differs: how often is scraped and evaluated,
how long an alert waits, and that receivers are this process.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from typing import Any, NamedTuple

import yaml

from . import job, prometheus, promtool
from .errors import NotRunError
from .slo import Objective, Promise

WAIT = "4s"  # for every `for`: longer than a scrape that fails once
TIMES = {"group_wait": "1s", "group_interval": "1s"}  # one wait, so that a page can silence its ticket
SCRAPES = {"scrape_interval": "2s", "scrape_timeout": "1900ms", "evaluation_interval": "500ms"}
PATIENCE = 60.0  # seconds for what should take five, on a machine that has other things to do


class DrillError(Exception):
    """What the drill demands did not happen."""


class Plan(NamedTuple):
    """What every stack is made of."""

    command: Sequence[str]  # of the product, to which its words are added
    environment: Callable[[Path], Mapping[str, str]]  # that makes a store the product's
    folder: Path  # in which everything happens; its folder store is copied for each stack
    group: int  # of processes, see `guarded`
    ops: Path
    promise: Promise  # what ops/slo.yaml says
    start: Callable[["Stack"], Any]  # the product: `seen` is PromQL for its work, `targets` are scraped

    def objective(self, name: str) -> Objective:
        return next(each for each in self.promise.objectives if each.name == name)

    @property
    def too_late(self) -> float:
        """Seconds: a day older than what is published may be."""
        return self.objective("freshness").limit + 86400


class Told(NamedTuple):
    address: str  # that production would have told
    alert: Mapping[str, Any]  # as Alertmanager sends it


class Scenario(NamedTuple):
    alert: str  # empty: nobody must be told
    about: str
    fault: Callable[["Stack"], AbstractContextManager[None]]
    panels: bool = False  # whether all that a dashboard shows is there then


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
        self.told: list[Told] = []
        self.late = 0.0  # seconds by which a job's figures are older than they say
        self.folder = Path(mkdtemp(dir=plan.folder))
        self.store, self._log = self.folder / "store", self.folder / "log"  # what the product says

    def start(self) -> None:
        server, manager = programs()
        shutil.copytree(self.plan.folder / "store", self.store, symlinks=True)
        hook = self._listen()
        self.product = self.plan.start(self)
        self._opened.callback(self.product.close)
        port, inner = free_port(), free_port()
        self.prometheus, self.alertmanager = (f"http://127.0.0.1:{each}" for each in (port, inner))
        receivers = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{inner}"]}]}]}
        jobs = {
            self.plan.promise.service["name"]: self.product.targets,
            "run": [hook.removeprefix("http://")],
        }
        scraped = [{"job_name": n, "static_configs": [{"targets": each}]} for n, each in jobs.items()]
        config = {"global": SCRAPES, "rule_files": ["rules/*.yml"], "alerting": receivers}
        self._write("prometheus.yml", config | {"scrape_configs": scraped})
        self._write("alertmanager.yml", quick_routes(self.plan.ops / "generated" / "alertmanager.yml", hook))
        at = f"--web.listen-address=127.0.0.1:{inner}"
        self.run(manager, "--config.file=alertmanager.yml", at, "--cluster.listen-address=")
        at = f"--web.listen-address=127.0.0.1:{port}"
        self.run(
            *(server, "--config.file=prometheus.yml", at, "--web.enable-lifecycle"),
            *("--storage.tsdb.path=tsdb", "--rules.alert.resend-delay=2s"),
        )
        # Rules before data would tell of what is not there yet, to an Alertmanager nobody knows yet.
        self.wait(lambda: self.query(self.product.seen), "what the product tells")
        self.wait(lambda: self.ask("alertmanagers")["activeAlertmanagers"], "Alertmanager")
        for path in (self.plan.ops / "generated" / "rules").glob("*.yml"):
            self._write(f"rules/{path.name}", quick_rules(path))
        urllib.request.urlopen(f"{self.prometheus}/-/reload", b"", timeout=5).close()  # noqa: S310
        self.wait(lambda: self.query("ALERTS"), "the rules")

    def _write(self, name: str, content: Any) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")

    def _listen(self) -> str:
        """Be every receiver, and the textfile collector; the address to tell and to scrape."""
        stack = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                address = urllib.parse.unquote(self.path[1:])
                stack.told += [Told(address, alert) for alert in body["alerts"]]
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                text = (stack.store / job.FILE).read_text(encoding="utf-8")
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(aged(text, stack.late).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        Thread(target=server.serve_forever, daemon=True).start()
        self._opened.callback(server.server_close)
        self._opened.callback(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def run(self, *command: str, log: str = "tools") -> subprocess.Popen[bytes]:
        """Start a process that ends with the stack; its words go to a file in the folder."""
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env=self.environment(),
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

    def environment(self) -> dict[str, str]:
        return os.environ | self.plan.environment(self.store)

    @property
    def words(self) -> str:
        """What the product has said last."""
        return self._log.read_text(errors="replace")[-2000:]

    def ask(self, path: str, **asked: object) -> Any:
        return prometheus.ask(self.prometheus, path, **asked)

    def query(self, expression: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=expression)["result"]
        return found

    def active(self) -> dict[str, str]:
        """Alert -> pending or firing."""
        return {each["metric"]["alertname"]: each["metric"]["alertstate"] for each in self.query("ALERTS")}

    def passed(self) -> list[Any]:
        """The alerts that Alertmanager has and that no other one silences."""
        found: list[Any] = prometheus.fetch(f"{self.alertmanager}/api/v2/alerts?inhibited=false")
        return found

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


def programs() -> tuple[str, str]:
    """Prometheus and Alertmanager; Debian has another name for the second one."""
    names = (["prometheus"], ["prometheus-alertmanager", "alertmanager"])
    found = [next(filter(None, map(shutil.which, each)), "") for each in names]
    for each, program in zip(names, found, strict=True):
        if not program:
            raise NotRunError(
                "OP004", f"{each[-1]} is not on the PATH: the drill was NOT RUN", promtool.INSTALL
            )
    return found[0], found[1]


def quick_rules(path: Path) -> Any:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for group in content["groups"]:
        for rule in group["rules"]:
            rule |= {"for": WAIT} if "for" in rule else {}
    return content


def quick_routes(path: Path, hook: str) -> Any:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for route in (content["route"], *content["route"]["routes"]):
        route |= TIMES
    for receiver in content["receivers"]:
        for each in receiver.get("webhook_configs", ()):
            each["url"] = f"{hook}/{urllib.parse.quote(each['url'], safe='')}"
    return content


def aged(text: str, seconds: float) -> str:
    """The metrics, as if so much time had gone by.

    >>> aged('x_timestamp_seconds{product="a"} 1000.0', 300)
    'x_timestamp_seconds{product="a"} 700.0'
    """
    told = re.compile(r"^(\w+_timestamp_seconds\{.*\} )(\S+)$", re.MULTILINE)
    return told.sub(lambda found: f"{found[1]}{float(found[2]) - seconds}", text)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def end(process: subprocess.Popen[bytes]) -> None:
    """At once: nothing here is worth saving, and a process that is stopped could not be asked."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.wait()

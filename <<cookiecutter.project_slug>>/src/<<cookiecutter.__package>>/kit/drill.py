# The template's file: edits here meet template updates (copier update merges them).
"""The product at work, watched by a real Prometheus and Alertmanager, to be broken from outside.

In:       how to start the product, a store to copy, ops/generated, requests.
Out:      a `Stack` on free ports of this machine: healthy, under traffic, its rules evaluated.
Failure:  NotRunError OP004 (Prometheus is not installed), TimeoutError (names what did not come). No
          process is left behind.

Expressions, labels and routes are those of production. What differs: how often is scraped and evaluated,
how long an alert waits, and that receivers are this process.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from typing import Any, NamedTuple

import yaml

from . import job, promtool
from .errors import NotRunError
from .slo import Objective, Promise
from .traffic import Traffic

WAIT = "4s"  # for every `for`: longer than a scrape that fails once
TIMES = {"group_wait": "1s", "group_interval": "1s"}  # one wait, so that a page can silence its ticket
SCRAPES = {"scrape_interval": "2s", "scrape_timeout": "1900ms", "evaluation_interval": "500ms"}
PATIENCE = 60.0  # seconds for what should take five, on a machine that has other things to do


class DrillError(Exception):
    """What the drill demands did not happen."""


class Plan(NamedTuple):
    """What every stack is made of."""

    serve: Sequence[str]  # the command; ports are added
    command: Sequence[str]  # of the product, to which words of a runbook are added
    environment: Callable[[Path], Mapping[str, str]]  # that makes a store the product's
    store: Path
    ops: Path
    promise: Promise  # what ops/slo.yaml says
    requests: Mapping[str, Sequence[bytes]]  # usual, shifted, bad, big

    @property
    def job(self) -> str:
        """As which the product is scraped."""
        return str(self.promise.service["name"])

    def objective(self, name: str) -> Objective:
        return next(each for each in self.promise.objectives if each.name == name)


class Told(NamedTuple):
    address: str  # that production would have told
    alert: Mapping[str, Any]  # as Alertmanager sends it


class Stack:
    def __init__(self, plan: Plan, stop: Event) -> None:
        self.plan, self.stop = plan, stop
        self.told: list[Told] = []
        self.folder = Path(mkdtemp(prefix="drill-"))
        self.store, self._log = self.folder / "store", self.folder / "log"  # what all processes say
        self._spares = [(free_port(), free_port()) for _ in range(2)]  # two replicas, one of them down
        self._closers: list[Callable[[], None]] = [lambda: shutil.rmtree(self.folder, ignore_errors=True)]

    def __enter__(self) -> "Stack":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for close in reversed(self._closers):
            close()

    def _start(self) -> None:
        prometheus, alertmanager = programs()
        shutil.copytree(self.plan.store, self.store)
        hook = self._listen()
        targets = [f"127.0.0.1:{inner}" for _, inner in self._spares]
        self.replace()
        self.traffic = Traffic(self.port, self.plan.requests["usual"])
        self._closers.append(self.traffic.close)
        port, inner = free_port(), free_port()
        self.prometheus, self.alertmanager = (f"http://127.0.0.1:{each}" for each in (port, inner))
        receivers = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{inner}"]}]}]}
        jobs = {self.plan.job: targets, "run": [hook.removeprefix("http://")]}
        scraped = [{"job_name": n, "static_configs": [{"targets": each}]} for n, each in jobs.items()]
        config = {"global": SCRAPES, "rule_files": ["rules/*.yml"], "alerting": receivers}
        self._write("prometheus.yml", config | {"scrape_configs": scraped})
        self._write("alertmanager.yml", quick_routes(self.plan.ops / "generated" / "alertmanager.yml", hook))
        at = f"--web.listen-address=127.0.0.1:{inner}"
        self.run(alertmanager, "--config.file=alertmanager.yml", at, "--cluster.listen-address=")
        at = f"--web.listen-address=127.0.0.1:{port}"
        self.run(
            *(prometheus, "--config.file=prometheus.yml", at, "--web.enable-lifecycle"),
            *("--storage.tsdb.path=tsdb", "--rules.alert.resend-delay=2s"),
        )
        # Rules before data would tell of what is not there yet, to an Alertmanager nobody knows yet.
        self.wait(lambda: self.query(f'up{{job="{self.plan.job}"}} == 1'), "the first scrape")
        self.wait(lambda: self.ask("alertmanagers")["activeAlertmanagers"], "Alertmanager")
        moved = f'increase(http_server_request_duration_seconds_count{{job="{self.plan.job}"}}[1h]) > 0'
        self.wait(lambda: self.query(moved), "traffic")
        for path in (self.plan.ops / "generated" / "rules").glob("*.yml"):
            self._write(f"rules/{path.name}", quick_rules(path))
        urllib.request.urlopen(f"{self.prometheus}/-/reload", b"", timeout=5).close()  # noqa: S310
        self.wait(lambda: self.query("ALERTS"), "the rules")

    def _write(self, name: str, content: Any) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")

    def _listen(self) -> str:
        """Be every receiver; the address to tell."""
        told, figures = self.told, self.store / job.FILE

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                address = urllib.parse.unquote(self.path[1:])
                told.extend(Told(address, alert) for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:  # in place of the textfile collector
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(figures.read_bytes())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        Thread(target=server.serve_forever, daemon=True).start()
        self._closers += [server.server_close, server.shutdown]
        return f"http://127.0.0.1:{server.server_port}"

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with the stack; its words go to a file in the folder."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._closers.append(lambda: end(process))
        return process

    def environment(self) -> dict[str, str]:
        """In which a command of the product works on the store of this stack."""
        return os.environ | self.plan.environment(self.store)

    def replace(self) -> None:
        """Start the product anew, as a deployment does: the old process goes when the new one lives."""
        self._spares.append(self._spares.pop(0))
        self.port, inner = self._spares[0]
        old = getattr(self, "service", None)
        ports = ["--port", str(self.port), "--management-port", str(inner), "--drain-seconds", "0"]
        self.service = self.run(*self.plan.serve, *ports)

        def lives() -> Any:
            if self.service.poll() is not None:
                raise DrillError(f"the product ended at once\n{self._log.read_text(errors='replace')}")
            return fetch(f"http://127.0.0.1:{inner}/livez")

        self.wait(lives, "the product")
        if old:
            self.traffic.port = self.port
            end(old)

    def ask(self, path: str, **asked: object) -> Any:
        query = urllib.parse.urlencode(asked)
        return fetch(f"{self.prometheus}/api/v1/{path}?{query}")["data"]

    def query(self, expression: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=expression)["result"]
        return found

    def active(self) -> dict[str, str]:
        """Alert -> pending or firing."""
        return {each["metric"]["alertname"]: each["metric"]["alertstate"] for each in self.query("ALERTS")}

    def passed(self) -> list[Any]:
        """The alerts that Alertmanager has and that no other one silences."""
        found: list[Any] = fetch(f"{self.alertmanager}/api/v2/alerts?inhibited=false")
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


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def end(process: subprocess.Popen[bytes]) -> None:
    """At once: nothing here is worth saving, and a process that is stopped could not be asked."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.wait()

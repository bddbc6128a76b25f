# The template's file: edits here meet template updates (copier update merges them).
"""What breaks in production, done on purpose: each fault, and the alert that has to come.

In:       a plan of the stack, what ops/slo.yaml promises.
Out:      a `Result`: told to whom, how soon, how soon it ended, and what Prometheus saw.
Failure:  none: what went wrong is in the result. Only NotRunError and a stopped drill are raised.

A fault is a context: it breaks on the way in and heals on the way out. It comes from outside, as
signals, files, commands and requests; the product has no hook for it.
"""

import json
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import aliases, scorer
from .alerts import Alert, alerts
from .drill import DrillError, Plan, Stack, Told
from .errors import ProductError
from .http import IN_FLIGHT
from .serving import WATCH_SECONDS
from .slo import BURNS, Promise
from .store import MANIFEST, Store

PAGE = "drill.html"
HEALTH = 2.0  # seconds before the fault
QUIET = 1.5  # seconds after the alert, for what else might be told
SILENCE = 8.0  # seconds in which a healthy product has to be silent


class Scenario(NamedTuple):
    alert: str  # empty: nobody must be told
    about: str
    fault: Callable[[Stack], AbstractContextManager[None]]


@dataclass
class Result:
    name: str
    scenario: Scenario
    state: str = "waits"  # starts, healthy, broken, healed, then ok or failed
    error: str = ""
    told: str = ""  # page, ticket, heartbeat; nobody where it is only on the dashboard
    began: float = 0.0  # the times: seconds since the epoch
    broken: float = 0.0
    detected: float = 0.0
    healed: float = 0.0
    recovered: float = 0.0
    errors: list[tuple[float, float]] = field(default_factory=list)  # of the SLO, in the last 5 minutes
    active: list[tuple[float, str]] = field(default_factory=list)  # of the alert: pending or firing


@contextmanager
def corrupt_model(stack: Stack) -> Iterator[None]:
    file = aliases.require(Store(stack.store / "models"), "champion").file(scorer.MODEL)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    stack.replace()
    yield
    file.write_bytes(whole)
    stack.replace()


@contextmanager
def slow_answers(stack: Stack) -> Iterator[None]:
    """A processor that is taken away and given back, as by a limit on a container that is too low."""
    seconds = max(map(float, re.findall(r'le="([\d.]+)"', stack.plan.objective("latency").good)))
    done = Event()

    def throttle() -> None:
        while not done.is_set() and stack.service.poll() is None:
            stack.service.send_signal(signal.SIGSTOP)
            done.wait(seconds * 1.1)
            stack.service.send_signal(signal.SIGCONT)
            done.wait(0.06)

    throttling = Thread(target=throttle)
    stack.traffic.requests, stack.traffic.pause = stack.plan.requests["big"], 0.02
    throttling.start()
    try:
        yield
    finally:
        done.set()
        throttling.join()


@contextmanager
def bad_data(stack: Stack) -> Iterator[None]:
    stack.traffic.requests = stack.plan.requests["bad"]
    yield


@contextmanager
def drift(stack: Stack) -> Iterator[None]:
    stack.traffic.requests = stack.plan.requests["shifted"]
    yield


@contextmanager
def stale_data(stack: Stack) -> Iterator[None]:
    predictions = Store(stack.store / "predictions")
    fresh, now = aliases.require(predictions, "published"), datetime.now(UTC)
    old = {"newest": (now - timedelta(hours=30)).replace(tzinfo=None).isoformat()}

    def write(folder: Path) -> dict[str, Any]:
        shutil.copyfile(fresh.file("predictions.parquet"), folder / "predictions.parquet")
        return dict(fresh.facts) | old

    stale = predictions.make(dict(fresh.inputs) | old, write)
    aliases.promote(predictions, stale.id, "published", "drill: 30 hours old", now)
    yield
    aliases.promote(predictions, fresh.id, "published", "drill: the job ran again", datetime.now(UTC))


@contextmanager
def dead_process(stack: Stack) -> Iterator[None]:
    stack.service.kill()
    yield
    stack.replace()


@contextmanager
def overload(stack: Stack) -> Iterator[None]:
    """More requests in flight than the service takes, again and again."""
    objective, done = stack.plan.objective("availability"), Event()
    told = BURNS["fast"][-1].factor(objective.days) * objective.budget  # share of refused requests
    callers = IN_FLIGHT + max(30, round(IN_FLIGHT * 2 * told / max(0.1, 1 - 2 * told)))

    def come() -> None:
        while not done.wait(0.5):
            stack.traffic.crowd(callers)

    crowding = Thread(target=come)
    crowding.start()
    try:
        yield
    finally:
        done.set()
        crowding.join()


@contextmanager
def bad_release(stack: Stack) -> Iterator[None]:
    """A model that takes one row at a time: sound, so it passes every look at it, and of no use."""
    import onnx  # with what trains models; an image that serves has none of it

    models = Store(stack.store / "models")
    champion = aliases.require(models, "champion")
    model = onnx.load(str(champion.file(scorer.MODEL)))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    def write(folder: Path) -> dict[str, Any]:
        shutil.copytree(champion.folder, folder, ignore=lambda *_: [MANIFEST], dirs_exist_ok=True)
        onnx.save(model, str(folder / scorer.MODEL))
        return dict(champion.facts)

    release = models.make(dict(champion.inputs) | {"drill": "bad release"}, write)
    aliases.promote(models, release.id, "champion", "drill: a bad release", datetime.now(UTC))
    yield
    book = (stack.plan.ops / "runbooks" / "AvailabilityBurnFast.md").read_text(encoding="utf-8")
    line = next((line for line in book.splitlines() if " models rollback " in line), "")
    if not line:
        raise DrillError("the runbook has no command that rolls back")
    environment = stack.environment()
    command = [*stack.plan.command, *shlex.split(line)[1:]]
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
    stack.pause(WATCH_SECONDS)  # after which the service has seen it


FAST, BAD = "AvailabilityBurnFast", "DataQualityBurnSlow"
SCENARIOS = {  # the longest first: they run side by side
    "slow-answers": Scenario("LatencyBurnFast", "the processor is taken away again and again", slow_answers),
    "corrupt-model": Scenario(
        FAST, "the model's file is damaged, then the service starts anew", corrupt_model
    ),
    "overload": Scenario(FAST, "more requests at once than the service takes", overload),
    "bad-release": Scenario(FAST, "a new model fails; the runbook's command rolls back", bad_release),
    "drift": Scenario("DriftBreach", "rows come that are nothing like those learnt from", drift),
    "stale-data": Scenario("FreshnessBreach", "what is published is 30 hours old", stale_data),
    "dead-process": Scenario("TelemetryMissing", "the process is killed", dead_process),
    "bad-data": Scenario(BAD, "half of the rows break the contract", bad_data),
    "healthy": Scenario("", "nothing is broken", lambda _: nullcontext()),
}


def play(result: Result, plan: Plan, stop: Event) -> None:
    """Break it, demand the alert; heal it, demand that the alert ends."""
    expected = {alert.name: alert for alert in alerts(plan.promise)}.get(result.scenario.alert)
    result.began, result.state = time.time(), "starts"
    try:
        with Stack(plan, stop) as stack:
            result.began = time.time()
            try:
                _play(result, stack, expected)
            finally:
                _record(result, stack, expected)
        result.state = "ok"
    except (DrillError, ProductError, OSError, subprocess.CalledProcessError) as error:
        if isinstance(error, InterruptedError):
            raise
        result.state, result.error = "failed", f"while it was {result.state}: {error}"


def _play(result: Result, stack: Stack, expected: Alert | None) -> None:
    result.state = "healthy"
    stack.pause(HEALTH if expected else SILENCE)
    heard = sorted(
        {*stack.active(), *(each.alert["labels"]["alertname"] for each in stack.told)} - {"Watchdog"}
    )
    if heard:
        raise DrillError(f"{', '.join(heard)} before anything was broken")
    watchdog = Alert("Watchdog", "", "heartbeat", 0, "", "")
    if expected is None:
        stack.wait(lambda: _told(stack, watchdog, "firing"), "Watchdog at the heartbeat")
        result.told = "heartbeat"
        return
    result.state, result.broken = "broken", time.time()
    with result.scenario.fault(stack):
        stack.wait(lambda: _told(stack, expected, "firing"), expected.name)
        result.detected = time.time()
        stack.pause(QUIET)
        _judge(result, stack, expected)
        result.told = "nobody" if expected.severity == "dashboard" else expected.severity
        result.state, result.healed = "healed", time.time()
    stack.traffic.requests, stack.traffic.pause = stack.plan.requests["usual"], 0
    stack.wait(lambda: _told(stack, expected, "resolved"), f"the end of {expected.name}")
    result.recovered = time.time()


def _told(stack: Stack, alert: Alert, status: str) -> Any:
    """Has it been told so; of one that nobody is told, is it so?"""
    if alert.severity == "dashboard":
        return (stack.active().get(alert.name) == "firing") == (status == "firing")
    return _heard(stack, alert.name, status)


def _heard(stack: Stack, name: str, status: str = "firing") -> list[Told]:
    return [t for t in stack.told if t.alert["labels"]["alertname"] == name and t.alert["status"] == status]


def _judge(result: Result, stack: Stack, expected: Alert) -> None:
    """The right people know, and what to do; and nobody else was woken."""
    wrong, promise = [], stack.plan.promise
    for told in _heard(stack, expected.name):
        labels, said = told.alert["labels"], (told.address, told.alert["labels"]["severity"])
        if said != (promise.targets.get(expected.severity), expected.severity):
            wrong.append(f"{expected.name} came to {' as '.join(said)}, not as {expected.severity}")
        if labels["team"] != promise.service["labels"]["team"]:
            wrong.append(f"{expected.name} is for the team {labels['team']}")
        book = Path(told.alert["annotations"]["runbook_url"]).name
        if not (stack.plan.ops / "runbooks" / book).is_file():
            wrong.append(f"there is no runbook {book}")
    for told in stack.told:
        name, severity = (told.alert["labels"][label] for label in ("alertname", "severity"))
        page = severity == "page" and name != expected.name
        if page or told.address == promise.targets["unrouted"]:
            wrong.append(f"{name} was told as well, as {severity}")
    for alert in stack.passed():  # a page silences its own ticket
        name = alert["labels"]["alertname"]
        if alert["labels"]["slo"] == expected.objective and name not in (expected.name, "Watchdog"):
            wrong.append(f"{name} is not silenced by {expected.name}")
    if result.scenario.fault is drift:  # all that can be seen is there: traffic, drift, an alert
        wrong += [
            f"the panel {title!r} shows nothing" for title, asked in panels(stack) if not stack.query(asked)
        ]
    if wrong:
        raise DrillError("; ".join(dict.fromkeys(wrong)))


def panels(stack: Stack) -> Iterator[tuple[str, str]]:
    """Title and query of the dashboard's panels."""
    text = (stack.plan.ops / "generated" / "dashboard.json").read_text(encoding="utf-8")
    for panel in json.loads(text)["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


def page(results: Sequence[Result], promise: Promise) -> str:
    """The page about a drill; no script, nothing loaded."""
    here = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=here, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    told = {"results": results, "service": promise.service, "now": datetime.now(UTC)}
    return environment.get_template(PAGE).render(told)


def _record(result: Result, stack: Stack, alert: Alert | None) -> None:
    """What Prometheus saw of the objective and of its alert."""
    span = {"start": result.began - 5, "end": time.time(), "step": "500ms"}
    errors = f'slo:sli_error:ratio_rate5m{{slo="{alert.objective if alert else "availability"}"}}'
    if alert and alert.objective == "telemetry":
        errors = f'1 - max(up{{job="{stack.plan.job}"}})'
    for series in stack.ask("query_range", query=errors, **span)["result"]:
        result.errors = [(float(at), float(value)) for at, value in series["values"]]
    for series in stack.ask("query_range", query=f'ALERTS{{alertname="{result.scenario.alert}"}}', **span)[
        "result"
    ]:
        result.active += [(float(at), series["metric"]["alertstate"]) for at, _ in series["values"]]

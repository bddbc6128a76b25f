"""Each fault, the alert that has to come, and whether it came as it should.

In:       a plan of the stack, with the objectives of ops/slo.yaml.
Out:      a `Result`: who was alerted, how soon, how soon it ended, and what Prometheus saw.
Failure:  none: what went wrong is in the result. Only NotRunError and a stopped drill are raised.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import SubprocessError
from threading import Event
from typing import Any

from ..errors import ProductError
from ..ops.alerts import Alert, alerts
from .receivers import Notification
from .stack import DrillError, Plan, Scenario, Stack, healthy

PAGE = "drill.html"
HEALTH = 2.0  # seconds before the fault
QUIET = 1.5  # seconds after the alert, for what else might fire
SILENCE = 8.0  # seconds in which a healthy product has to be silent


@dataclass
class Result:
    name: str
    scenario: Scenario
    state: str = "waits"  # starts, healthy, broken, healed, then ok or failed
    error: str = ""
    alerted: str = ""  # page, ticket, heartbeat; nobody if it is only on the dashboard
    began: float = 0.0  # the times: seconds since the epoch
    symptoms: set[str] = field(default_factory=set)  # alerts of the same fault beside the expected one
    broken: float = 0.0
    detected: float = 0.0
    healed: float = 0.0
    recovered: float = 0.0
    errors: list[tuple[float, float]] = field(default_factory=list)  # of the SLO, in the last 5 minutes
    active: list[tuple[float, str]] = field(default_factory=list)  # of the alert: pending or firing


def play(result: Result, plan: Plan, stop: Event) -> None:
    """Break it, demand the alert; heal it, demand that the alert ends."""
    expected = {alert.name: alert for alert in alerts(plan.objectives)}.get(result.scenario.alert)
    result.began, result.state = time.time(), "starts"
    try:
        with healthy(plan, stop) as stack:
            result.began = time.time()
            try:
                _play(result, stack, expected)
            finally:
                _record(result, stack, expected)
        result.state = "ok"
    except (DrillError, ProductError, OSError, SubprocessError) as error:
        if isinstance(error, InterruptedError):
            raise
        result.state, result.error = "failed", f"while it was {result.state}: {error}"


def _play(result: Result, stack: Stack, expected: Alert | None) -> None:
    result.state = "healthy"
    stack.pause(HEALTH)
    _silent(stack, "before anything was broken")
    if expected is None:
        with result.scenario.fault(stack):
            stack.pause(SILENCE)
            _silent(stack, "though nobody had to be alerted")
            stack.wait(lambda: _heard(stack, "Watchdog"), "Watchdog at the heartbeat")
        result.alerted = "heartbeat"
        return
    result.state, result.broken = "broken", time.time()
    with result.scenario.fault(stack):
        stack.wait(lambda: _arrived(stack, expected, "firing"), expected.name)
        result.detected = time.time()
        stack.pause(QUIET)
        _judge(result, stack, expected)
        result.alerted = "nobody" if expected.severity == "dashboard" else expected.severity
        result.state, result.healed = "healed", time.time()
    stack.product.heal()
    stack.wait(lambda: _arrived(stack, expected, "resolved"), f"the end of {expected.name}")
    result.recovered = time.time()


def _silent(stack: Stack, when: str) -> None:
    names = (each.alert["labels"]["alertname"] for each in stack.received)
    if heard := {*stack.active(), *names} - {"Watchdog"}:
        raise DrillError(f"{', '.join(sorted(heard))} {when}")


def _arrived(stack: Stack, alert: Alert, status: str) -> Any:
    """Whether its receiver got it with this status; without a receiver, whether the status is so."""
    if alert.severity == "dashboard":
        return (stack.active().get(alert.name) == "firing") == (status == "firing")
    return _heard(stack, alert.name, status)


def _heard(stack: Stack, name: str, status: str = "firing") -> list[Notification]:
    return [
        t for t in stack.received if t.alert["labels"]["alertname"] == name and t.alert["status"] == status
    ]


def _judge(result: Result, stack: Stack, expected: Alert) -> None:
    """The right people know, and what to do; and nobody else was woken."""
    wrong, objectives = [], stack.plan.objectives
    for notification in _heard(stack, expected.name):
        labels, said = (
            notification.alert["labels"],
            (notification.address, notification.alert["labels"]["severity"]),
        )
        if said != (objectives.receivers.get(expected.severity), expected.severity):
            wrong.append(f"{expected.name} came to {' as '.join(said)}, not as {expected.severity}")
        if labels["team"] != objectives.service["labels"]["team"]:
            wrong.append(f"{expected.name} is for the team {labels['team']}")
        book = Path(notification.alert["annotations"]["runbook_url"]).name
        if not (stack.plan.ops / "runbooks" / book).is_file():
            wrong.append(f"there is no runbook {book}")
    for notification in stack.received:
        name, severity = (notification.alert["labels"][label] for label in ("alertname", "severity"))
        if name in result.scenario.symptoms:
            result.symptoms.add(name)
            continue
        page = severity == "page" and name != expected.name
        if page or notification.address == objectives.receivers["unrouted"]:
            wrong.append(f"{name} fired as well, as {severity}")
    for alert in stack.passed():  # a page silences its own ticket
        name = alert["labels"]["alertname"]
        known = {expected.name, "Watchdog", *result.scenario.symptoms}
        if alert["labels"]["slo"] == expected.objective and name not in known:
            wrong.append(f"{name} is not silenced by {expected.name}")
    if result.scenario.panels:
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


def _record(result: Result, stack: Stack, alert: Alert | None) -> None:
    """What Prometheus saw of the objective and of its alert."""
    span = {"start": result.began - 5, "end": time.time(), "step": "500ms"}
    objective = alert.objective if alert else "availability"
    errors = f'slo:sli_error:ratio{{slo="{objective}",window="5m"}}'
    if alert and alert.objective == "telemetry":
        errors = f"absent(max({stack.plan.objectives.alive})) or vector(0)"
    for series in stack.ask("query_range", query=errors, **span)["result"]:
        result.errors = [(float(at), float(value)) for at, value in series["values"]]
    fired = f'ALERTS{{alertname="{result.scenario.alert}"}}'
    for series in stack.ask("query_range", query=fired, **span)["result"]:
        result.active += [(float(at), series["metric"]["alertstate"]) for at, _ in series["values"]]

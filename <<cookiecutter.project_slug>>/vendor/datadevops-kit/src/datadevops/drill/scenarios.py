"""Run one scenario: break the product, check that the right alert fires and resolves.

In:       a plan of the stack, with the objectives of ops/slo.yaml.
Out:      a `Result`: who was alerted, how soon, how soon it ended, and what Prometheus saw.
Failure:  none: errors are in the result. Only a stopped drill (InterruptedError) is raised.
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
QUIET = 1.5  # seconds after the alert, in which other alerts might fire
SILENCE = 8.0  # seconds in which a healthy product must not alert


@dataclass
class Result:
    name: str
    scenario: Scenario
    state: str = "waits"  # starts, healthy, broken, healed, then ok or failed
    error: str = ""
    alerted: str = ""  # page, ticket, heartbeat; nobody for a dashboard alert
    began: float = 0.0  # the times: seconds since the epoch
    symptoms: set[str] = field(default_factory=set)  # other alerts that this fault may cause
    broken: float = 0.0
    detected: float = 0.0
    healed: float = 0.0
    recovered: float = 0.0
    errors: list[tuple[float, float]] = field(default_factory=list)  # of the SLO, in the last 5 minutes
    active: list[tuple[float, str]] = field(default_factory=list)  # of the alert: pending or firing


def play(result: Result, plan: Plan, stop: Event) -> None:
    """Break the product and require the alert; repair it and require that the alert resolves."""
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
        result.state, result.error = "failed", f"in state {result.state!r}: {error}"


def _play(result: Result, stack: Stack, expected: Alert | None) -> None:
    result.state = "healthy"
    stack.pause(HEALTH)
    _require_silence(stack, "before anything was broken")
    if expected is None:
        with result.scenario.fault(stack):
            stack.pause(SILENCE)
            _require_silence(stack, "although no alert was expected")
            stack.wait(lambda: _notified(stack, "Watchdog"), "the heartbeat from Watchdog")
        result.alerted = "heartbeat"
        return
    result.state, result.broken = "broken", time.time()
    with result.scenario.fault(stack):
        stack.wait(lambda: _arrived(stack, expected, "firing"), expected.name)
        result.detected = time.time()
        stack.pause(QUIET)
        _check_notifications(result, stack, expected)
        result.alerted = "nobody" if expected.severity == "dashboard" else expected.severity
        result.state, result.healed = "healed", time.time()
    stack.product.heal()
    stack.wait(lambda: _arrived(stack, expected, "resolved"), f"{expected.name} to resolve")
    result.recovered = time.time()


def _require_silence(stack: Stack, when: str) -> None:
    names = (each.alert["labels"]["alertname"] for each in stack.received)
    if active := {*stack.active(), *names} - {"Watchdog"}:
        raise DrillError(f"{', '.join(sorted(active))}: active {when}")


def _arrived(stack: Stack, alert: Alert, status: str) -> Any:
    """Whether its receiver got the alert with this status; without receiver: whether it has the status."""
    if alert.severity == "dashboard":
        return (stack.active().get(alert.name) == "firing") == (status == "firing")
    return _notified(stack, alert.name, status)


def _notified(stack: Stack, name: str, status: str = "firing") -> list[Notification]:
    return [
        t for t in stack.received if t.alert["labels"]["alertname"] == name and t.alert["status"] == status
    ]


def _check_notifications(result: Result, stack: Stack, expected: Alert) -> None:
    """Check receiver, team and runbook of the alert, and that nobody else was paged."""
    wrong, objectives = [], stack.plan.objectives
    for notification in _notified(stack, expected.name):
        labels = notification.alert["labels"]
        sent = (notification.address, labels["severity"])
        if sent != (objectives.receivers.get(expected.severity), expected.severity):
            wrong.append(f"{expected.name} was sent to {' as '.join(sent)}, not as {expected.severity}")
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
            wrong.append(f"{name} fired too, as {severity}")
    for alert in stack.passed():  # a page inhibits its own ticket
        name = alert["labels"]["alertname"]
        known = {expected.name, "Watchdog", *result.scenario.symptoms}
        if alert["labels"]["slo"] == expected.objective and name not in known:
            wrong.append(f"{name} is not inhibited by {expected.name}")
    if result.scenario.panels:
        wrong += [f"the panel {title!r} is empty" for title, asked in panels(stack) if not stack.query(asked)]
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

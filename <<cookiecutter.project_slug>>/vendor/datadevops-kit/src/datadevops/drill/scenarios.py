"""Run one scenario: break the product, check that the right alert fires and resolves.

In:       a plan of the stack, with the objectives of ops/slo.yaml.
Out:      a `Result`: who was alerted, how soon, how soon it ended, and what Prometheus saw.
Failure:  none: errors are in the result. Only a stopped drill (InterruptedError) is raised.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from subprocess import TimeoutExpired
from threading import Event

from ..errors import ProductError
from ..ops.alerts import Alert, alerts
from . import notifications
from .monitoring import SCRAPE_SECONDS
from .stack import DrillError, Plan, Scenario, Stack, UnexpectedAlertError, healthy

PAGE = "drill.html"
HEALTH = 2.0  # seconds before the fault
QUIET = 1.5  # seconds after the alert, in which other alerts might fire
SILENCE = 8.0  # seconds in which a healthy product must not alert
FAILED, NOT_RUN = "failed", "not run"
# What a busy machine looks like from outside: nothing comes in time, or what should not be comes true.
UNCERTAIN = (TimeoutError, TimeoutExpired, UnexpectedAlertError)
SLOW = 0.01  # median seconds late: what needs 5 ms of a processor takes three times as long
GAP = 2 * SCRAPE_SECONDS  # between two scrapes; then `for` of an alert is over before the next one


@dataclass
class Result:
    name: str
    scenario: Scenario
    state: str = "waits"  # starts, healthy, broken, healed, then ok, failed or not run
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
    gap = 0.0
    try:
        with healthy(plan, stop) as stack:
            result.began = time.time()
            try:
                _play(result, stack, expected)
            finally:
                gap = stack.scrape_gap()
                _record(result, stack, expected)
        result.state = "ok"
    except (DrillError, ProductError, OSError, TimeoutExpired) as error:
        if isinstance(error, InterruptedError):
            raise
        result.error = f"in state {result.state!r}: {error}"
        late = plan.lateness.since(result.began)
        slow = late > SLOW or gap > GAP
        result.state = NOT_RUN if slow and isinstance(error, UNCERTAIN) else FAILED
        if result.state == NOT_RUN:
            result.error += f" (5 ms of work ended {1000 * late:.0f} ms late; scrapes were {gap:.0f} s apart)"


def _play(result: Result, stack: Stack, expected: Alert | None) -> None:
    result.state = "healthy"
    stack.pause(HEALTH)
    notifications.require_silence(stack, "before anything was broken")
    if expected is None:
        with result.scenario.fault(stack):
            stack.pause(SILENCE)
            notifications.require_silence(stack, "although no alert was expected")
            stack.wait(lambda: notifications.sent(stack, "Watchdog"), "the heartbeat from Watchdog")
        result.alerted = "heartbeat"
        return
    symptoms = result.scenario.symptoms
    result.state, result.broken = "broken", time.time()
    with result.scenario.fault(stack):
        stack.wait(lambda: notifications.alerted(stack, expected, symptoms), expected.name)
        result.detected = time.time()
        stack.pause(QUIET)
        result.symptoms |= notifications.check(stack, expected, symptoms)
        if result.scenario.panels:
            for title, asked in panels(stack):
                stack.wait(partial(stack.query, asked), f"the panel {title!r} to show something")
        result.alerted = "nobody" if expected.severity == "dashboard" else expected.severity
        result.state, result.healed = "healed", time.time()
    stack.product.heal()
    stack.wait(lambda: notifications.resolved(stack, expected, symptoms), f"{expected.name} to resolve")
    result.recovered = time.time()


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

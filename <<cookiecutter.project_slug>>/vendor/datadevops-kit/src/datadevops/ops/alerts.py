"""Render alerts and all that belongs to them from objectives.

In:       `Objectives`; the product's command.
Out:      the text of each file in ops/generated: rules, their tests, routes of Alertmanager, a dashboard.
          The same objectives give the same text on every machine.
Failure:  none.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import rule_tests
from .objectives import BURNS, SELECTOR, Objective, Objectives
from .rule_tests import BLIND, BLIND_MINUTES, BREACH_MINUTES, SILENT_MINUTES, TELEMETRY, WATCHDOG

FILES = ("rules.yml", "rules_test.yml", "alertmanager.yml", "dashboard.json")
SEVERITIES = ["dashboard", "ticket", "page"]  # the most urgent one last
FEWEST_BAD = {"fast": 20, "slow": 5}  # events in the long window: two failures at night wake nobody


class Alert(NamedTuple):
    name: str  # its runbook is ops/runbooks/<name>.md
    objective: str
    severity: str
    minutes: int  # how long `expr` must hold before it fires
    expr: str
    summary: str


def render(objectives: Objectives, command: str) -> dict[str, str]:
    """The text of each of `FILES`. `command`: the product's, for the line that says how to render again."""
    options: Any = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, keep_trailing_newline=True, **options)  # noqa: S701  # no HTML
    environment.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    environment.tests["exported"] = lambda queries: _exported(objectives, queries)
    cases = list(rule_tests.cases(objectives))
    environment.globals |= objectives._asdict() | {
        "command": command,
        "alerts": alerts(objectives),
        "labels": partial(_labels, objectives.service),
        "annotations": partial(_annotations, objectives.service),
        "burns": BURNS,
        "fewest_bad": FEWEST_BAD,
        "cases": cases,
        "first_fires": rule_tests.first_fires(cases),
    }
    return {name: environment.get_template(f"{name}.j2").render() for name in FILES}


def _exported(objectives: Objectives, queries: dict[str, str]) -> bool:
    """Whether the product exports all series that the queries of a panel ask for."""
    names = {name for query in queries.values() for name, _ in SELECTOR.findall(query)}
    return all(name in objectives.metrics for name in names if name.startswith(("http_", "product_")))


def _labels(service: Any, alert: Alert) -> str:
    """As JSON, which is YAML too, on one line."""
    slo = {"slo_service": service["name"], "slo": alert.objective}
    owner = {name: service["labels"][name] for name in ("team", "tier")}
    labels = slo | {"slo_id": f"{service['name']}-{alert.objective}", "severity": alert.severity} | owner
    return json.dumps(labels, ensure_ascii=False)


def _annotations(service: Any, alert: Alert) -> str:
    impact, runbooks = (service["annotations"][name] for name in ("impact", "runbooks"))
    found = {"summary": alert.summary, "impact": impact, "runbook_url": f"{runbooks}/{alert.name}.md"}
    return json.dumps(found, ensure_ascii=False)


def alerts(objectives: Objectives) -> list[Alert]:
    """Every alert; those of the objectives come first."""
    name = objectives.service["name"]
    found = [alert for o in objectives.slos for alert in _alerts(name, o)]
    text = f"Prometheus gets nothing from {name}: it is down or unreachable. Other alerts are void."
    severity = max((alert.severity for alert in found), key=SEVERITIES.index)
    expr = f"absent(max({objectives.alive}))"
    found.append(Alert(BLIND, TELEMETRY, severity, BLIND_MINUTES, expr, text))
    text = "Always fires. When it stops arriving, no alert arrives, and the dead man's switch calls."
    return [*found, Alert(WATCHDOG, TELEMETRY, "heartbeat", 0, "vector(1)", text)]


def _alerts(service: str, o: Objective) -> Iterator[Alert]:
    own, title, name = (
        f'{{slo_id="{service}-{o.name}"}}',
        f'{service} misses "{o.title}"',
        rule_tests.camel(o),
    )
    for speed, severity in o.burn_alerts().items():
        spent = " or ".join(f"{burn.share:.0%} in {burn.long}" for burn in BURNS[speed])
        text = f"{title}: the error budget of {o.days} days burns too fast ({spent})."
        yield Alert(f"{name}Burn{speed.title()}", o.name, severity, 0, f"slo:burn:{speed}{own}", text)
    if window := o.annotations.get("silent-after"):
        severity = next(iter(o.burn_alerts().values()))
        text = f"{title}: not one good event in {window}, not even from a probe."
        expr = f"({o.good_events(window)}) < 0.5"
        yield Alert(f"{name}Silent", o.name, severity, SILENT_MINUTES, expr, text)
    if o.query:
        unknown = " or could not be measured" * o.absent_is_bad
        text = f"{title}: the value exceeded {o.limit:g}{unknown} for {BREACH_MINUTES} minutes."
        expr = f"slo:sli_bad_slice{own} == 1"
        yield Alert(f"{name}Breach", o.name, o.annotations["alert"], BREACH_MINUTES, expr, text)

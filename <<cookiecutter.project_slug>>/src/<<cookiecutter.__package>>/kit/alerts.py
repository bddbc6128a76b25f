# The template's file: edits here meet template updates (copier update merges them).
"""Alerts from objectives.

In:       a `Promise`.
Out:      the texts of ops/generated: rules, their tests, Alertmanager, a dashboard. The same text on
          every machine.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import COMMAND, cases
from .cases import BLIND, BREACH, SILENT
from .slo import BURNS, SELECTOR, Objective, Promise

LOUDNESS = ["dashboard", "ticket", "page"]
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
FEWEST_BAD = {"fast": 20, "slow": 5}  # events in the long window: two failures at night wake nobody
TELEMETRY = "telemetry"  # not an objective: whether any of them can be judged


class Alert(NamedTuple):
    name: str  # its runbook is ops/runbooks/<name>.md
    objective: str
    severity: str
    wait: int  # minutes
    expr: str
    summary: str


def render(promise: Promise) -> dict[str, str]:
    """The text of each file below ops/generated."""
    options: Any = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    folder = FileSystemLoader(Path(__file__).parent / "ops")
    environment = Environment(loader=folder, keep_trailing_newline=True, **options)  # noqa: S701  # no HTML
    environment.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    environment.globals |= promise._asdict() | {"command": COMMAND, "windows": WINDOWS, "burns": BURNS}
    environment.tests["exported"] = lambda queries: all(
        name in promise.metrics
        for query in queries.values()
        for name, _ in SELECTOR.findall(query)
        if name.startswith(("http_", "product_"))
    )

    def text(template: str, **context: Any) -> str:
        return environment.get_template(f"{template}.j2").render(context)

    every = alerts(promise)
    parts: dict[str, Objective | None] = {o.name: o for o in promise.objectives} | {TELEMETRY: None}
    files = {name: text(name) for name in ("alertmanager.yml", "dashboard.json")}
    files["tests/healthy.yml"] = text("test.yml", rules=parts, alerts=every, cases=[cases.healthy(promise)])
    for name, o in parts.items():
        mine = [alert for alert in every if alert.objective == name]
        files[f"rules/{name}.yml"] = text("rules.yml", name=name, o=o, alerts=mine)
        files[f"tests/{name}.yml"] = text("test.yml", rules=[name], alerts=mine, cases=list(cases.of(o)))
    return files


def alerts(promise: Promise) -> list[Alert]:
    """Every alert, those of the objectives first."""
    name = promise.service["name"]
    found = [alert for o in promise.objectives for alert in _alerts(name, o)]
    text = f"Nothing of {name} can be seen: it is down or out of sight. No other alert can be trusted."
    loudest = max((alert.severity for alert in found), key=LOUDNESS.index)
    found.append(Alert("TelemetryMissing", TELEMETRY, loudest, BLIND, f"absent(max({promise.alive}))", text))
    text = "Always fires: when it no longer arrives, no alert does, and the dead man's switch calls."
    return [*found, Alert("Watchdog", TELEMETRY, "heartbeat", 0, "vector(1)", text)]


def _alerts(service: str, o: Objective) -> Iterator[Alert]:
    own, title = f'{{slo_id="{service}-{o.name}"}}', f'{service} fails its objective "{o.title}"'
    for speed, severity in o.burns().items():
        both, spent = [], []
        for burn in BURNS[speed]:
            limit = f"{burn.factor(o.days):g} * {o.budget:g}"
            both.append(
                f"(slo:sli_error:ratio_rate{burn.short}{own} > {limit}"
                f"\n  and slo:sli_error:ratio_rate{burn.long}{own} > {limit}"
                f"\n  and slo:sli_bad:increase{burn.long}{own} >= {FEWEST_BAD[speed]})"
            )
            spent.append(f"{burn.share:.0%} of its {o.days} day budget in {burn.long}")
        text = f"{title}: at this pace it spends {' or '.join(spent)}."
        yield Alert(f"{cases.camel(o)}Burn{speed.title()}", o.name, severity, 0, "\nor\n".join(both), text)
    if window := o.notes.get("silent-after"):
        expr = f"(({o.events(window, 'increase')} - {o.errors(window, 'increase')}) or vector(0)) < 0.5"
        text = f"{title}: not one success in {window}, not even of a probe."
        severity = next(iter(o.burns().values()))
        yield Alert(f"{cases.camel(o)}Silent", o.name, severity, SILENT, expr, text)
    if o.query:
        text = f"{title}: {o.limit:g} was exceeded{' or not known' * o.absent_is_bad} for {BREACH} minutes."
        expr = f"slo:sli_bad_slice{own} == 1"
        yield Alert(f"{cases.camel(o)}Breach", o.name, o.notes["tell"], BREACH, expr, text)

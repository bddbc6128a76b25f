# The template's file: edits here meet template updates (copier update merges them).
"""The commands of operation: parse, call one function, print."""

import json
import os
import shutil
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import settings
from .kit import COMMAND, prometheus, promtool
from .kit.errors import NotRunError, RefusedError

if TYPE_CHECKING:
    from .kit.slo import Promise

PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}
app = typer.Typer(help="Objectives, and the alerts that are made from them.", **PLAIN)
canary_app = typer.Typer(help="A new version beside the one before.", **PLAIN)

ADDRESS = "http://127.0.0.1:9090"  # of the Prometheus in compose.yaml
Prometheus = Annotated[str, typer.Option(metavar="URL", help="Where Prometheus answers.")]


def promise() -> "Promise":
    """What ops/slo.yaml says; it must fit the metrics there are and the contract of the predictions."""
    from .kit import job, slo, telemetry

    known = telemetry.series(
        telemetry.METRICS | job.METRICS,
        le=telemetry.BUCKETS,
        http_request_method=(),
        http_response_status_code=telemetry.CODES,
        http_route=routes(),
    )
    promised = slo.promised(settings.PACKAGE / "contracts" / "predictions.yaml")
    return slo.load(operations() / "slo.yaml", known, promised)


def routes() -> list[str]:
    """The paths that the service answers, those of the team among them."""
    from . import service
    from .kit import odcs, serving, telemetry

    features = odcs.load(settings.PACKAGE / "contracts" / "features.yaml")
    app = service.application(serving.Serving(Path(), features, telemetry.Metrics()))
    return [telemetry.PREDICT, *(getattr(route, "path", "") for route in app.routes)]


def operations() -> Path:
    return settings.read(os.environ).home / "ops"


@app.command()
def render() -> None:
    """Write ops/generated anew from ops/slo.yaml: rules, their tests, routes, a dashboard.

    \b
    Example:    << cookiecutter.project_slug >> slo render
    Exit code:  0 written; 2 ops/slo.yaml cannot be used
    """
    from .kit import alerts

    folder, texts = operations() / "generated", alerts.render(promise())
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{folder}: {len(texts)} files")


@app.command()
def check() -> None:
    """Is ops/generated what ops/slo.yaml says, and does every alert fire when it should?

    \b
    Example:    << cookiecutter.project_slug >> slo check
    Exit code:  0 yes; 1 no; 2 ops/slo.yaml cannot be used; 3 promtool or amtool is not installed
    """
    from .kit import alerts

    folder, said = operations() / "generated", promise()
    texts = alerts.render(said)
    if difference := differences(folder, texts):
        hint = f"`{COMMAND} slo render`, then commit what it writes"
        raise RefusedError("OP003", f"{folder} is not what slo.yaml says\n{difference}", hint)
    rules, tests = ([name for name in texts if name.startswith(part)] for part in ("rules/", "tests/"))
    promtool.ask("promtool", "check", "rules", *rules, folder=folder)
    promtool.ask("promtool", "test", "rules", *tests, folder=folder)
    promtool.ask("amtool", "check-config", "alertmanager.yml", folder=folder)
    print(f"{len(said.objectives)} objectives, {len(alerts.alerts(said))} alerts: up to date, valid, tested")
    if any("example.com" in address for address in said.targets.values()):
        print("note: ops/slo.yaml still names example.com, so nobody is told", file=sys.stderr)


def differences(folder: Path, texts: dict[str, str]) -> str:
    """What to change in the files below `folder` to make them `texts`; empty is nothing."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    old = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}
    lines: list[str] = []
    for name in sorted(old.keys() | texts.keys()):
        before, after = (each.get(name, "").splitlines(keepends=True) for each in (old, texts))
        lines += unified_diff(before, after, name, "slo.yaml")
    return "".join(lines)


def budgets(address: str) -> list[dict[str, Any]]:
    """How each objective stands. Null: that Prometheus does not know yet."""
    said = promise()
    mine = f'slo_service="{said.service["name"]}"'
    left, burns = (
        {
            found.labels["slo"]: found.value
            for found in prometheus.query(address, f"slo:{name}:ratio{{{mine}}}")
        }
        for name in ("period_error_budget_remaining", "current_burn_rate")
    )
    fires = prometheus.query(address, f'ALERTS{{{mine},alertstate="firing"}}')
    told = [(found.labels["slo"], found.labels["alertname"], found.labels["severity"]) for found in fires]
    if not any(name == "Watchdog" for _, name, _ in told):
        text = f"{address} does not evaluate the rules of {said.service['name']}"
        raise NotRunError("OP011", text, "let it load ops/generated/rules; `slo check` tests them")
    names = {o.name: f"{o.target:.4g}" for o in said.objectives} | {"telemetry": ""}
    return [
        {
            "objective": name,
            "target": target,
            "budget_left": left.get(name),
            "burn_rate": burns.get(name),
            "alerts": [f"{a} ({severity})" for slo, a, severity in told if slo == name],
        }
        for name, target in names.items()
    ]


def described(found: Sequence[Mapping[str, Any]]) -> str:
    """What `budgets` found, as a table."""
    rows = [("objective", "target", "budget left", "burn rate", "alerts that fire")]
    for each in found:
        left, burn = (
            "?" if each[name] is None else format(each[name], form)
            for name, form in (("budget_left", ".1%"), ("burn_rate", ".2f"))
        )
        rows.append((each["objective"], each["target"], left, burn, ", ".join(each["alerts"])))
    return aligned(rows)


@canary_app.command()
def judge(
    stable: Annotated[str, typer.Option(metavar="VERSION", help="The one that runs.")],
    canary: Annotated[str, typer.Option(metavar="VERSION", help="The new one, for some of the callers.")],
    address: Annotated[str, typer.Option("--prometheus", metavar="URL", help="Where it answers.")] = ADDRESS,
    model: Annotated[bool, typer.Option("--model", help="Versions of the model, not releases.")] = False,
    minutes: Annotated[int, typer.Option(min=1, help="Of the past that count, at most.")] = 60,
) -> None:
    """May a new version replace the one that runs? Both answer callers now, and Prometheus sees both.

    Of each objective that counts events: is the share of bad ones with the new version at most one error
    budget higher, with 99 % confidence? docs/rollback.md tells how to go on, and how to go back.

    \b
    Example:    << cookiecutter.project_slug >> canary judge --stable 1.4.0 --canary 1.5.0
                << cookiecutter.project_slug >> canary judge --model --stable 3f2a9c0d1b4e --canary 91f4790dd3dd
    Exit code:  0 promote; 1 roll back; 2 wrong use; 3 not enough traffic yet, or no answer of Prometheus
    """
    from .kit import canary as judges

    said, pair = promise(), (stable, canary)
    by = judges.MODEL if model else judges.RELEASE
    verdicts = list(judges.judge(address, said.service["name"], said.objectives, by, pair, minutes * 60))
    rows = [("objective", f"bad with {stable}", f"bad with {canary}", "more bad", "allowed", "")]
    for v in verdicts:
        old, new = (f"{c.bad:,} of {c.total:,} ({c.share:.2%})" for c in (v.stable, v.canary))
        rows.append((v.objective, old, new, f"{v.least:.2%} to {v.most:.2%}", f"{v.allowed:.2%}", v.word))
    print(aligned(rows))
    words = {v.word for v in verdicts}
    if "worse" in words:
        raise RefusedError("OP012", f"{canary} is worse than {stable}: roll back", "docs/rollback.md")
    if words != {"good"}:
        hint = "ask again later; after an hour or two without an answer, roll back"
        raise NotRunError("OP013", f"not enough traffic yet to judge {canary}", hint)
    print(f"promote {canary}")


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text, column below column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def probe(
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "http://127.0.0.1:8000",
    timeout_seconds: Annotated[float, typer.Option(min=0.1, help="Slower is a failure.")] = 2.0,
) -> None:
    """Ask the service for the prediction of a made-up row, as a user would.

    It counts as traffic: every 30 seconds from a scheduler it shows an outage at night. A bearer token
    is read from the variable PROBE_TOKEN.

    \b
    Example:    << cookiecutter.project_slug >> probe --url http://127.0.0.1:8000
    Exit code:  0 answered; 1 not, or too late
    """
    from .kit import odcs, synth, telemetry
    from .kit.engine import DuckDB

    features = odcs.load(settings.PACKAGE / "contracts" / "features.yaml")
    with DuckDB() as engine:
        (row,) = engine.rows(synth.sql(features, 1, seed=int(time.time())))  # always the same would be drift
    body = json.dumps({"rows": [dict(zip(features.sql_types, row, strict=True))]}, default=datetime.isoformat)
    headers = {"Content-Type": "application/json", "User-Agent": f"{COMMAND}{telemetry.PROBE.decode()}"}
    if token := os.environ.get("PROBE_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    try:
        asked = urllib.request.Request(url.rstrip("/") + telemetry.PREDICT, body.encode(), headers)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=timeout_seconds) as answer:  # noqa: S310
            print(answer.read().decode())
    except (OSError, ValueError) as error:
        hint = f"`{COMMAND} status` says which model should answer; a token goes into PROBE_TOKEN"
        raise RefusedError("OP006", f"{url} does not answer: {prometheus.reason(error)}", hint) from None

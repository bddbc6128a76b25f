# The template's file: edits here meet template updates (copier update merges them).
"""The commands of operation: parse, call one function, print."""

import json
import os
import shutil
import sys
import time
import urllib.request
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from . import settings
from .kit import COMMAND, alerts, job, promtool, slo, synth, telemetry
from .kit.errors import RefusedError

HELP = "Objectives, and the alerts that are made from them."
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def promise() -> slo.Promise:
    """What ops/slo.yaml says; it must fit the metrics there are and the contract of the predictions."""
    promised = slo.promised(settings.PACKAGE / "contracts" / "predictions.yaml")
    return slo.load(operations() / "slo.yaml", job.series(telemetry.METRICS | job.METRICS), promised)


def operations() -> Path:
    return settings.read(os.environ).home / "ops"


@app.command()
def render() -> None:
    """Write ops/generated anew from ops/slo.yaml: rules, their tests, routes, a dashboard.

    \b
    Example:    << cookiecutter.project_slug >> slo render
    Exit code:  0 written; 2 ops/slo.yaml cannot be used
    """
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
    from .kit.engine import DuckDB

    features = settings.contract("features")
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
        raise RefusedError("OP006", f"{url} does not answer: {error}", hint) from None

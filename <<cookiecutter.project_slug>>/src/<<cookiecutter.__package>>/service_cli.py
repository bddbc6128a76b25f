# The template's file: edits here meet template updates (copier update merges them).
"""The commands about a service that runs: ask it, judge a new version of it."""

import json
import os
import time
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from . import ops_cli
from .kit import COMMAND, job, prometheus, synth, telemetry
from .kit.errors import NotRunError, RefusedError
from .kit.slo import Metrics
from .settings import contract
from .terminal import PLAIN

PROMISE = "predictions"  # the contract whose promises ops/slo.yaml keeps
canary_app = typer.Typer(help="A new version beside the one before.", **PLAIN)


def attach(parent: typer.Typer) -> None:
    """Make these commands known to the product's command line."""
    parent.command()(probe)
    parent.add_typer(canary_app, name="canary")


def known() -> Metrics:
    """The series that the service and its job export."""
    return job.series(
        telemetry.METRICS | job.METRICS,
        le=telemetry.BUCKETS,
        http_request_method=(),
        http_response_status_code=telemetry.CODES,
        http_route=routes(),
    )


def routes() -> list[str]:
    """The paths that the service answers, those of the team among them."""
    from . import service
    from .kit import serving

    features = contract("features")
    app = service.application(serving.Serving(Path(), features, telemetry.Metrics()))
    return [telemetry.PREDICT, *(getattr(route, "path", "") for route in app.routes)]


@canary_app.command()
def judge(
    stable: Annotated[str, typer.Option(metavar="VERSION", help="The one that runs.")],
    canary: Annotated[str, typer.Option(metavar="VERSION", help="The new one, for some of the callers.")],
    address: ops_cli.Prometheus = ops_cli.ADDRESS,
    model: Annotated[bool, typer.Option("--model", help="Versions of the model, not releases.")] = False,
    minutes: Annotated[int, typer.Option(min=1, help="Of the past that count, at most.")] = 60,
) -> None:
    """May a new version replace the one that runs? Both answer callers now, and Prometheus sees both.

    Of each objective that counts events: is the share of bad ones with the new version at most one error
    budget higher, with 99 % confidence? docs/rollback.md tells how to go on, and how to go back.

    \b
    Example:    << cookiecutter.project_slug >> canary judge --stable 1.4.0 --canary 1.5.0
                << cookiecutter.project_slug >> canary judge --model --stable VERSION --canary VERSION
    Exit code:  0 promote; 1 roll back; 2 wrong use; 3 not enough traffic yet, or no answer of Prometheus
    """
    from .kit import canary as judges

    said, pair = ops_cli.promise(), (stable, canary)
    by = judges.MODEL if model else judges.RELEASE
    verdicts = list(judges.judge(address, said.service["name"], said.objectives, by, pair, minutes * 60))
    rows = [("objective", f"bad with {stable}", f"bad with {canary}", "more bad", "allowed", "")]
    for v in verdicts:
        old, new = (f"{c.bad:,} of {c.total:,} ({c.share:.2%})" for c in (v.stable, v.canary))
        rows.append((v.objective, old, new, f"{v.least:.2%} to {v.most:.2%}", f"{v.allowed:.2%}", v.word))
    print(ops_cli.aligned(rows))
    words = {v.word for v in verdicts}
    if "worse" in words:
        raise RefusedError("OP012", f"{canary} is worse than {stable}: roll back", "docs/rollback.md")
    if words != {"good"}:
        hint = "ask again later; after an hour or two without an answer, roll back"
        raise NotRunError("OP013", f"not enough traffic yet to judge {canary}", hint)
    print(f"promote {canary}")


def probe(
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "http://127.0.0.1:8000",
    timeout_seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Slower is a failure.")] = 2.0,
) -> None:
    """Ask the service for the prediction of a made-up row, as a user would.

    It counts as traffic: every 30 seconds from a scheduler it shows an outage at night. A bearer token
    is read from the variable PROBE_TOKEN.

    \b
    Example:    << cookiecutter.project_slug >> probe --url http://127.0.0.1:8000
    Exit code:  0 answered; 1 not, or too late
    """
    from .kit.engine import DuckDB

    features = contract("features")
    with DuckDB() as engine:
        (row,) = engine.rows(synth.sql(features, 1, seed=int(time.time())))  # always the same would be drift
    body = json.dumps({"rows": [dict(zip(features.sql_types, row, strict=True))]}, default=datetime.isoformat)
    headers = {"Content-Type": "application/json", "User-Agent": f"{COMMAND}{telemetry.PROBE.decode()}"}
    if token := os.environ.get("PROBE_TOKEN", "").strip():
        headers["Authorization"] = f"Bearer {token}"
    try:
        asked = urllib.request.Request(url.rstrip("/") + telemetry.PREDICT, body.encode(), headers)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=timeout_seconds) as answer:  # noqa: S310
            print(answer.read().decode())
    except prometheus.UNANSWERED as error:
        hint = f"`{COMMAND} status` says which model should answer; a token goes into PROBE_TOKEN"
        raise RefusedError("OP006", f"{url} does not answer: {prometheus.reason(error)}", hint) from None

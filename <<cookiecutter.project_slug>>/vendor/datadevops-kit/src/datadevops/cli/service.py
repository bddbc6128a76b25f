"""The commands about a running service: probe it, judge a canary."""

import json
import os
import time
import urllib.request
from operator import methodcaller
from typing import Annotated

import typer

from ..contract import synthetic
from ..errors import NotRunError, RefusedError
from .options import PROMETHEUS, Group, Prometheus, contract_of, product_of, settings_of
from .output import aligned


def judge(
    context: typer.Context,
    stable: Annotated[str, typer.Option(metavar="VERSION", help="The version in use.")],
    canary: Annotated[str, typer.Option(metavar="VERSION", help="The new version, for some callers.")],
    address: Prometheus = PROMETHEUS,
    model: Annotated[bool, typer.Option("--model", help="Versions of the model, not releases.")] = False,
    minutes: Annotated[int, typer.Option(min=1, help="Look back at most so far.")] = 60,
) -> None:
    """Decide whether a canary may replace the version in use. Prometheus must see both answer requests.

    For each objective that counts events: the canary's share of bad events may be at most one error budget
    higher, with 99 % confidence. docs/rollback.md says how to promote it, and how to roll back.

    \b
    Example:    COMMAND canary judge --stable 1.4.0 --canary 1.5.0
                COMMAND canary judge --model --stable VERSION --canary VERSION
    Exit code:  0 promote; 1 roll back; 2 wrong use; 3 not enough traffic yet, or Prometheus does not answer
    """
    from ..ops import canary as judges
    from ..ops import own_objectives

    objectives, pair = own_objectives.load(product_of(context), settings_of(context).home), (stable, canary)
    by = judges.MODEL if model else judges.RELEASE
    service = objectives.service["name"]
    verdicts = list(judges.judge(address, service, objectives.slos, by, pair, minutes * 60))
    rows = [("objective", f"bad with {stable}", f"bad with {canary}", "more bad", "allowed", "")]
    for v in verdicts:
        old, new = (f"{c.bad:,} of {c.total:,} ({c.share:.2%})" for c in (v.stable, v.canary))
        rows.append((v.objective, old, new, f"{v.least:.2%} to {v.most:.2%}", f"{v.allowed:.2%}", v.word))
    print(aligned(rows))
    words = {v.word for v in verdicts}
    if "worse" in words:
        raise RefusedError("OP012", f"{canary} is worse than {stable}: roll back", "docs/rollback.md")
    if words != {"good"}:
        hint = "try again later; if it is still undecided after an hour or two, roll back"
        raise NotRunError("OP013", f"not enough traffic yet to judge {canary}", hint)
    print(f"promote {canary}")


def probe(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    timeout_seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Time limit.")] = 2.0,
) -> None:
    """Ask the service for the prediction of a made-up row, as a user would.

    It counts as traffic: run by a scheduler every 30 seconds, it reveals an outage at night. A bearer token
    is read from the variable PROBE_TOKEN.

    \b
    Example:    COMMAND probe --url http://127.0.0.1:8000
    Exit code:  0 answered in time; 1 not
    """
    from ..engine.duckdb_engine import DuckDB
    from ..telemetry import direct, prometheus
    from ..telemetry.service_metrics import PREDICT, PROBE

    features = contract_of(context, "features")
    with DuckDB() as engine:  # a new row each time: a repeated one would look like drift
        (row,) = engine.rows(synthetic.sql(features, 1, seed=int(time.time())))
    rows = [dict(zip(features.sql_types, row, strict=True))]
    body = json.dumps({"rows": rows}, default=methodcaller("isoformat"))
    agent = f"{product_of(context).command}{PROBE.decode()}"
    headers = {"Content-Type": "application/json", "User-Agent": agent}
    if token := os.environ.get("PROBE_TOKEN", "").strip():
        headers["Authorization"] = f"Bearer {token}"
    try:
        asked = urllib.request.Request(url.rstrip("/") + PREDICT, body.encode(), headers)  # noqa: S310
        with direct.urlopen(asked, timeout=timeout_seconds) as answer:
            print(answer.read().decode())
    except prometheus.UNANSWERED as error:
        hint = "`COMMAND status` shows the model in use; a token goes into PROBE_TOKEN"
        raise RefusedError("OP006", f"{url} does not answer: {prometheus.reason(error)}", hint) from None


GROUP: Group = ("A new version that answers some of the callers.", [judge])

# The template's file: edits here meet template updates (copier update merges them).
"""The commands of a model: train it, serve it, pick a version."""

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from . import ops_cli, score_cli, service_cli, settings
from .kit import COMMAND, aliases, job, page
from .kit.errors import NotRunError, RefusedError, StoreError
from .kit.store import Version
from .settings import contract
from .terminal import PLAIN, Json, Source, Why, database, delivered, show, steps, store

versions_app = typer.Typer(help="The versions of the model, and which one answers.", **PLAIN)
Alias = StrEnum("Alias", ["champion", "challenger"])


def attach(app: typer.Typer) -> None:
    """Make these commands known to the product's command line."""
    for command in (run, score_cli.score, serve, status):
        app.command()(command)
    app.add_typer(versions_app, name="models")
    service_cli.attach(app)
    ops_cli.attach(app)


def run(source: Source = None, as_json: Json = False) -> None:
    """The main job: check the source, train, judge, publish predictions, write a report.

    \b
    Example:    << cookiecutter.project_slug >> run
    Exit code:  0 done; 1 refused by the contract or by the gate; 2 the input cannot be used;
                3 a check of the gate could not be made
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin starve a busy machine
    from . import pipeline  # it needs all that trains models; the other commands do without
    from .kit.steps import PAGE

    here, now = settings.read(os.environ), datetime.now(UTC)
    with (
        job.told(here.store, here.pushgateway) as facts,
        delivered(source) as file,
        database() as engine,
        steps() as say,
    ):
        facts |= pipeline.run(engine, here.store, file, now, say).facts
    at = here.store / PAGE
    show(facts | {"report": str(at)}, as_json, f"{page.rendered('run.txt', **facts)}\nreport       {at}")
    if wrong := [check for check in facts["gate"] if not check["passed"]]:
        candidate = facts["versions"]["candidate"]
        lines = "\n  ".join(f"{c['name']}: {c['figure']}, must be {c['bound']}" for c in wrong)
        text = f"{candidate} did not pass the gate; it is kept, the champion is as before\n  {lines}"
        hint = f"see {at}; to promote it all the same: `{COMMAND} models promote {candidate}`"
        failed = any(check["passed"] is False for check in wrong)
        raise RefusedError("ML006", text, hint) if failed else NotRunError("ML007", text, hint)


def serve(
    host: Annotated[str, typer.Option(help="Address to answer at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    management_host: Annotated[
        str, typer.Option(help="Address of health, metrics, status: open to whoever reaches it.")
    ] = "127.0.0.1",
    management_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 9000,
    tokens: Annotated[Path | None, typer.Option(help="File of SHA-256 hashes of bearer tokens.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--insecure-anonymous", help="Let other machines ask without a token.")
    ] = False,
    drain_seconds: Annotated[
        float, typer.Option(min=0, max=3600, help="How long a server that stops still takes requests.")
    ] = 5,
    answers: Annotated[
        Alias, typer.Option("--model", help="Which model answers; the challenger where it is on trial.")
    ] = Alias.champion,
) -> None:
    """Answer requests with the champion; follow it when it changes.

    The management port shows a status page with an example to paste. Logs go to stderr, as JSON.

    \b
    Example:    << cookiecutter.project_slug >> serve
                << cookiecutter.project_slug >> serve --host 0.0.0.0 --tokens tokens.sha256
    Exit code:  0 stopped by SIGTERM or Ctrl-C; 2 an address, the tokens or a contract cannot be used
    """
    from . import service  # it needs all that answers requests; the other commands do without
    from .kit import access, http, management, openapi, server, serving, telemetry

    access.refuse_open_door(host, tokens, anonymous)
    known = access.watched(tokens) if tokens else lambda: None
    sockets = server.bind(host, port), server.bind(management_host, management_port)
    here = settings.read(os.environ)
    models = serving.Serving(here.store, contract("features"), telemetry.Metrics(), answers)
    telemetry.start_logging(lambda: {"model_version": models.champion and models.champion.version.id})
    models.look()
    public = service.application(models)
    openapi.complete(public, models)
    at, inner = (server.url(*each.getsockname()[:2]) for each in sockets)
    inside = management.application(public, models, here.home / "ops" / "slo.yaml", at)
    edge = http.Service(public, models, known)
    text = f"answering at {at}/v1/predict, status at {inner}/"
    server.serve(edge, inside, sockets, models, drain_seconds, lambda: print(text, flush=True))


def status(
    slo: ops_cli.Slo = False, prometheus: ops_cli.Prometheus = ops_cli.ADDRESS, as_json: Json = False
) -> None:
    """Which model answers, since when, and how fresh its data is; or how the objectives stand.

    \b
    Example:    << cookiecutter.project_slug >> status
                << cookiecutter.project_slug >> status --slo --prometheus http://prometheus:9090
    Exit code:  0 told; 2 there is no champion, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        return ops_cli.objectives(prometheus, as_json)
    promise = contract("predictions")
    champion = aliases.require(store("models"), Alias.champion)
    published = aliases.require(store("predictions"), "published")
    facts = {
        "champion": champion.id,
        "trained_at": champion.made_at,
        "promoted_at": aliases.stack(store("models"), Alias.champion)[-1]["at"],
        "predictions": str(published.file("predictions.parquet")),
        "predicted_by": published.inputs["model"],
        "rows": published.facts["check"]["good"],
        "newest_row": published.facts["newest"],
        "owner": f"{promise.owner} ({promise.contact})",
    }
    show(facts, as_json, "\n".join(f"{name:12} {fact}" for name, fact in facts.items()))


@versions_app.command(name="list")
def list_models(as_json: Json = False) -> None:
    """All versions of the model, the newest first.

    \b
    Example:    << cookiecutter.project_slug >> models list
    Exit code:  0 shown; 2 the log is damaged
    """
    models = store("models")
    in_use = {event["version"]: a for a in reversed(Alias) for event in aliases.stack(models, a)[-1:]}
    found, lines = [], []
    for name in models.versions():
        alias = in_use.get(name, "")
        try:
            version = models.open(name)
            figures = version.facts["figures"]["all"]["candidate"]
            facts = {"trained_at": version.made_at, **figures}
            text = f"{version.made_at}  average precision {figures['average_precision']:.4f}"
        except StoreError:
            facts, text = {"damaged": True}, "damaged"
        found.append({"version": name, "alias": alias, **facts})
        lines.append(f"{name}  {text}  {alias}")
    show(found, as_json, "\n".join(lines))


@versions_app.command()
def promote(
    version: Annotated[str, typer.Argument(help="As `models list` shows it.")],
    alias: Annotated[Alias, typer.Option("--as", help="What it shall be.")] = Alias.champion,
    why: Why = "promoted by hand",
) -> None:
    """Let a version answer from now on.

    \b
    Example:    << cookiecutter.project_slug >> models promote 3f2a9c0d1b4e --why "storm tested"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    promoted = aliases.promote(store("models"), version, alias, why, datetime.now(UTC))
    print(f"{alias} is {version}" + (f"; {outlook(promoted)}" if alias is Alias.champion else ""))


@versions_app.command()
def rollback(why: Why = "rolled back by hand") -> None:
    """Let the champion before answer again.

    Said again, it is the one before that; it never toggles.

    \b
    Example:    << cookiecutter.project_slug >> models rollback --why "too many false alarms"
    Exit code:  0 done; 2 there is no champion before
    """
    version = aliases.rollback(store("models"), Alias.champion, why, datetime.now(UTC))
    print(f"champion is {version.id}; {outlook(version)}")


def outlook(champion: Version) -> str:
    """What comes of a champion that somebody has picked."""
    from .kit import scorer

    if scorer.takes(champion, contract("features")):
        return f"`{COMMAND} run` publishes with it"
    return (
        "it takes columns, or values of them, that the contract of the features no longer has:"
        f" `{COMMAND} run` publishes nothing (ML007), the service refuses it (ML008)"
        "\npromote a version that takes them, or bring them back"
    )

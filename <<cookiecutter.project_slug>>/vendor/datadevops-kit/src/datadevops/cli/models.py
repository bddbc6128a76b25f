"""The commands of a model: run the pipeline, show the status, manage versions."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from ..contract import odcs, parts, target
from ..errors import NotRunError, RefusedError, StoreError
from ..reports import ages, page, verdicts
from ..store import aliases
from ..store.versions import Version
from . import main_job, objectives
from .lineage import Events
from .options import (
    PROMETHEUS,
    DryRun,
    Group,
    Json,
    Prometheus,
    Slo,
    Sources,
    Why,
    contract_of,
    product_of,
    settings_of,
    sources_of,
    store_of,
)
from .output import facts_text, show, warn

Alias = StrEnum("Alias", ["champion", "challenger"])


def run(
    context: typer.Context,
    source: Sources = None,
    events: Events = None,
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """The main job: check the sources, train, evaluate, publish predictions, write a report.

    \b
    Example:    COMMAND run
                COMMAND run --source weather=new.parquet --dry-run
    Exit code:  0 done; 1 refused by the contract or by the gate; 2 the input cannot be used;
                3 a check of the gate could not be run
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads starve a busy machine
    from .. import job
    from ..models import card

    product, settings = product_of(context), settings_of(context)
    parts.require(product)
    work = main_job.dry_run if dry else main_job.run
    facts = work(product, settings, sources_of(context), source, events)
    text, at = page.rendered("run.txt", **facts), settings.store / job.PAGE
    if dry:
        preview = page.rendered("dry_run.txt", **facts, **facts["dry_run"])
        show(facts, as_json, f"{text}\n\n{preview}")
    else:
        written = settings.store / card.IN_STORE
        shown = f"{text}\nmodel card   {written}\nreport       {at}"
        show(facts | {"report": str(at), "model_card": str(written)}, as_json, shown)
    if wrong := [check for check in facts["gate"] if not check["passed"]]:
        candidate = facts["versions"]["candidate"]
        lines = "\n  ".join(f"{_told(check)}\n    first: {check['remedy']}" for check in wrong)
        text = f"{candidate} did not pass the gate; it becomes challenger, the champion stays\n  {lines}"
        hint = f"see {at}; to promote it anyway: `COMMAND models promote {candidate}`"
        if dry:
            text, hint = f"dry run: {text}", "nothing was changed; a run without --dry-run writes its report"
        failed = any(check["passed"] is False for check in wrong)
        if failed and any(check["passed"] is None for check in wrong):
            hint = f"{hint}; what is NOT RUN says nothing of the model: `COMMAND explain ML007`"
        raise RefusedError("ML006", text, hint) if failed else NotRunError("ML007", text, hint)


def status(
    context: typer.Context, slo: Slo = False, prometheus: Prometheus = PROMETHEUS, as_json: Json = False
) -> None:
    """Show the model in use, since when, how old its data and sources are; or the state of the objectives.

    \b
    Example:    COMMAND status
                COMMAND status --slo --prometheus http://prometheus:9090
    Exit code:  0 shown; 2 there is no champion, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        return objectives.show_status(context, prometheus, as_json)
    promise, models = contract_of(context, "predictions"), store_of(context, "models")
    champion = aliases.require(models, Alias.champion)
    published = aliases.require(store_of(context, "predictions"), aliases.PUBLISHED)
    facts = {
        "champion": champion.id,
        "trained_at": champion.made_at,
        "promoted_at": aliases.stack(models, Alias.champion)[-1]["at"],
        "predictions": str(published.file("predictions.parquet")),
        "predicted_by": published.inputs["model"],
        "rows": published.facts["check"]["good"],
        "newest_row": published.facts["newest"],
        "owner": f"{promise.owner} ({promise.contact})",
    }
    of_sources = ages.of_sources(settings_of(context).store, datetime.now(UTC))
    show(facts | {"sources": of_sources}, as_json, facts_text(facts | {"sources": ages.line(of_sources)}))


def list_(context: typer.Context, as_json: Json = False) -> None:
    """All versions of the model, the newest first.

    \b
    Example:    COMMAND models list
    Exit code:  0 shown; 2 the log is damaged
    """
    models = store_of(context, "models")
    in_use = {event["version"]: a for a in reversed(Alias) for event in aliases.stack(models, a)[-1:]}
    rolled_back = aliases.rolled_back(models, Alias.champion)
    found, lines = [], []
    for name in models.versions():
        alias, gone = in_use.get(name, ""), name in rolled_back
        try:
            version = models.open(name)
            figures = version.facts["figures"]["all"]["candidate"]
            facts = {"trained_at": version.made_at, **figures}
            name_, value = next(iter(figures.items()))
            text = f"{version.made_at}  {name_.replace('_', ' ')} {value:.4f}"
        except StoreError:
            facts, text = {"damaged": True}, "damaged"
        found.append({"version": name, "alias": alias, "rolled_back": gone, **facts})
        lines.append("  ".join(filter(None, [name, text, alias, gone * "rolled back"])))
    show(found, as_json, "\n".join(lines))


def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="As `models list` shows it.")],
    alias: Annotated[Alias, typer.Option("--as", help="Alias to set.")] = Alias.champion,
    why: Why = "promoted by hand",
) -> None:
    """Put a version into use; with a warning if the gate refused it, as a person may know better.

    \b
    Example:    COMMAND models promote 3f2a9c0d1b4e --why "storm tested"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    promoted = aliases.promote(store_of(context, "models"), version, alias, why, datetime.now(UTC))
    after = f"; {_outlook(context, promoted)}" if alias is Alias.champion else ""
    print(f"{alias} is {version}{after}")
    if alias is Alias.champion and (wrong := verdicts.not_passed(settings_of(context).store, version)):
        back = f"if you meant another one, `{product_of(context).command} models rollback` goes back"
        warn("\n  ".join([f"{version} did not pass the gate; {back}", *map(_told, wrong)]))


def _told(check: Mapping[str, Any]) -> str:
    """A check that has not passed, and what it must be."""
    return f"{check['name']}: {check['figure']}, must be {check['bound']}"


def rollback(context: typer.Context, why: Why = "rolled back by hand") -> None:
    """Go back to the previous champion.

    Called again, it goes back one more version; it never toggles.

    \b
    Example:    COMMAND models rollback --why "too many false alarms"
    Exit code:  0 done; 2 there is no previous champion
    """
    models = store_of(context, "models")
    with models.locked():
        left = aliases.stack(models, Alias.champion)[-1:]
        version = aliases.rollback(models, Alias.champion, why, datetime.now(UTC))
    print(f"champion is {version.id}; {_outlook(context, version)}")
    print(f"to undo: `{product_of(context).command} models promote {left[0]['version']}`")


def _outlook(context: typer.Context, champion: Version) -> str:
    """Write the card of a champion chosen by hand; what the next run does with it."""
    from ..models import card, matching

    product = product_of(context)
    command, contracts = product.command, odcs.load_all(product.contracts)
    card.write(product, settings_of(context).store, contracts, champion)
    odd = matching.mismatches(champion, contracts["features"], target.of(contracts))
    if not odd:
        return f"`{command} run` publishes its predictions, `{command} model-card` writes its card"
    return (
        f"it does not fit the contract of the features: {', '.join(odd)};"
        f" `{command} run` publishes none of its predictions, the service refuses it (ML008)"
        "\npromote a version that fits the contract, or restore the contract"
    )


GROUP: Group = ("The versions of the model, and which one is in use.", [list_, promote, rollback])

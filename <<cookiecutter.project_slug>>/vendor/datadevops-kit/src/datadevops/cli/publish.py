"""The commands of a dataset: make and publish it, show the status, manage versions."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ..contract import parts
from ..datasets import layout, publication
from ..errors import RefusedError, StoreError
from ..reports import ages, page
from ..store import aliases
from ..telemetry import openlineage, run_metrics
from . import lineage, objectives
from .files import all_delivered, by_table, database
from .lineage import Events
from .options import (
    PROMETHEUS,
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
from .output import facts_text, progress, show


def run(
    context: typer.Context,
    source: Sources = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="PARTITION", help="Leave out earlier partitions.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="PARTITION", help="Leave out later partitions.")
    ] = None,
    events: Events = None,
    as_json: Json = False,
) -> None:
    """The main job: check the source, make its partitions again, publish the dataset, write a report.

    \b
    Example:    COMMAND run
                COMMAND run --from 2013-01 --to 2013-03
    Exit code:  0 done; 1 some partitions failed, the others are published; 2 the input cannot be used
    """
    from .. import job
    from ..datasets import cut
    from ..steps import run as runs  # it needs an engine; the other commands do not
    from ..steps import supported

    product, settings = product_of(context), settings_of(context)
    parts.require(product)
    contracts, promise = sources_of(context), contract_of(context, "dataset")
    try:
        span = cut.span(promise.grain, first, last)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    target = settings.store / "dataset" / publication.LATEST / layout.FOLDER
    files = by_table(source or [], contracts)
    with (
        run_metrics.recorded(product.command, settings.store, settings.pushgateway) as facts,
        openlineage.recorded(events, lineage.about(product, settings, files, "dataset", target), facts),
        all_delivered(files, supported.require(product).sources, settings) as given,
        database(product, settings) as engine,
        progress() as step,
    ):
        now = datetime.now(UTC)
        facts |= runs.run(product, settings, engine, given, now, step, span=span).facts
    at = settings.store / job.PAGE
    show(facts | {"report": str(at)}, as_json, f"{page.rendered('dataset.txt', **facts)}\nreport       {at}")
    if failed := facts["failed"]:
        lines = [f"{name}: {message}" for name, message in failed.items()]
        others = "the others are" if facts["made"] and facts["versions"].get("dataset") else "nothing new is"
        text = "\n  ".join([f"failed {cut.word(facts['grain'])}s: {len(failed)}; {others} published", *lines])
        raise RefusedError("DQ008", text, "correct what each of them names, then `COMMAND run`")


def status(
    context: typer.Context, slo: Slo = False, prometheus: Prometheus = PROMETHEUS, as_json: Json = False
) -> None:
    """Show the published version, since when, how old it and its sources are; or the state of objectives.

    \b
    Example:    COMMAND status
                COMMAND status --slo --prometheus http://prometheus:9090
    Exit code:  0 shown; 2 nothing is published, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        return objectives.show_status(context, prometheus, as_json)
    promise, versions = contract_of(context, "dataset"), store_of(context, "dataset")
    published = aliases.require(versions, aliases.PUBLISHED)
    facts = {
        "dataset": published.id,
        "published_at": aliases.stack(versions, aliases.PUBLISHED)[-1]["at"],
        "folder": str(versions.root / publication.LATEST / layout.FOLDER),
        "rows": published.facts["rows"],
        "newest_row": published.facts["newest"],
        "owner": f"{promise.owner} ({promise.contact})",
    }
    of_sources = ages.of_sources(settings_of(context).store, datetime.now(UTC))
    shown = {name: fact for name, fact in facts.items() if fact is not None}
    text = facts_text(shown | {"sources": ages.line(of_sources)})
    show(facts | {"sources": of_sources}, as_json, text)


def list_(context: typer.Context, as_json: Json = False) -> None:
    """All versions of the dataset, the newest first.

    \b
    Example:    COMMAND publish list
    Exit code:  0 shown; 2 the log is damaged
    """
    versions = store_of(context, "dataset")
    standing = [event["version"] for event in aliases.stack(versions, aliases.PUBLISHED)]
    found, lines = [], []
    for name in versions.versions():
        published = name in standing[-1:]
        try:
            version = versions.open(name)
            rows, newest = version.facts["rows"], version.facts["newest"]
            facts = {"made_at": version.made_at, "rows": rows, "newest": newest}
            text = f"{version.made_at}  {rows:,} rows" + (f" to {newest[:10]}" if newest else "")
        except StoreError:
            facts, text = {"damaged": True}, "damaged"
        found.append({"version": name, "published": published, **facts})
        lines.append(f"{name}  {text}" + "  published" * published)
    show(found, as_json, "\n".join(lines))


def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="As `publish list` shows it.")],
    why: Why = "promoted by hand",
) -> None:
    """Publish a version.

    \b
    Example:    COMMAND publish promote 3f2a9c0d1b4e --why "false alarm"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    now, local = datetime.now(UTC), settings_of(context).local
    made = publication.promote(store_of(context, "dataset"), version, why, now, local)
    print(f"published is {made.id}")


def rollback(context: typer.Context, why: Why = "rolled back by hand") -> None:
    """Publish the previous version again.

    Called again, it goes back one more version; it never toggles.

    \b
    Example:    COMMAND publish rollback --why "wrong source data"
    Exit code:  0 done; 2 there is no previous version
    """
    now, local = datetime.now(UTC), settings_of(context).local
    made = publication.rollback(store_of(context, "dataset"), why, now, local)
    print(f"published is {made.id}")


GROUP: Group = ("The versions of the dataset, and which one readers get.", [list_, promote, rollback])

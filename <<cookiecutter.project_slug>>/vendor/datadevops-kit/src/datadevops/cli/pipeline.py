"""The commands of a data pipeline: make and publish its datasets, show what is published."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ..contract import parts
from ..contract.values import Contract
from ..datasets import publication
from ..errors import RefusedError
from ..reports import ages, page
from ..store import aliases
from ..store.versions import Store
from . import main_job, objectives
from .lineage import Events
from .options import (
    PROMETHEUS,
    DryRun,
    Json,
    Prometheus,
    Slo,
    Sources,
    product_of,
    published_of,
    settings_of,
    sources_of,
)
from .output import facts_text, show

IN_FULL = 3  # failed partitions of which the message says all; the others are named


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
    dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """The main job: check the sources, make partitions again, publish the datasets, write a report.

    \b
    Example:    COMMAND run
                COMMAND run --from 2013-01 --to 2013-03 --dry-run
    Exit code:  0 done; 1 some partitions or datasets failed, the others are published;
                2 the input cannot be used
    """
    from .. import job
    from ..datasets import cut

    product, settings = product_of(context), settings_of(context)
    parts.require(product)
    contracts, promises = sources_of(context), published_of(context)
    try:
        span = cut.span({each.grain for each in promises.values() if each.grain}, first, last)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    work = main_job.dry_run if dry else main_job.run
    facts = work(product, settings, contracts, source, events, span=span)
    text, at = page.rendered("datasets.txt", **facts), settings.store / job.PAGE
    if dry:
        preview = page.rendered("dry_run.txt", **facts, **facts["dry_run"], gate=[])
        show(facts, as_json, f"{text}\n\n{preview}")
    else:
        show(facts | {"report": str(at)}, as_json, f"{text}\nreport       {at}")
    if failed := facts["failed"]:
        lines = [f"{name}: {message}" for name, message in failed.items()][:IN_FULL]
        if more := list(failed)[IN_FULL:]:
            lines.append(f"and {len(more)} more: {', '.join(more)}")
        new = any(each["made"] and each["version"] for each in facts["datasets"].values())
        others = f"{'the others' if new else 'nothing new'} {'would be' if dry else 'are' if new else 'is'}"
        text = "\n  ".join([f"{'dry run: ' * dry}failed: {len(failed)}; {others} published", *lines])
        raise RefusedError("DQ008", text, "correct what each of them names, then `COMMAND run`")


def status(
    context: typer.Context, slo: Slo = False, prometheus: Prometheus = PROMETHEUS, as_json: Json = False
) -> None:
    """Show the published version of each dataset, since when, how old it and its sources are; or objectives.

    \b
    Example:    COMMAND status
                COMMAND status --slo --prometheus http://prometheus:9090
    Exit code:  0 shown; 2 nothing is published, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        return objectives.show_status(context, prometheus, as_json)
    store, promises = settings_of(context).store, published_of(context)
    found = [_status(store, name, promise) for name, promise in promises.items()]
    if not any(facts["version"] for facts in found):
        aliases.require(Store(store / next(iter(promises))), aliases.PUBLISHED)
    texts = [facts_text({name: fact for name, fact in facts.items() if fact is not None}) for facts in found]
    of_sources = ages.of_sources(store, datetime.now(UTC))
    texts.append(facts_text({"sources": ages.line(of_sources)}))
    show({"datasets": found, "sources": of_sources}, as_json, "\n\n".join(texts))


def _status(store: Path, name: str, promise: Contract) -> dict[str, object]:
    versions, owner = Store(store / name), f"{promise.owner} ({promise.contact})"
    published = aliases.current(versions, aliases.PUBLISHED)
    if published is None:
        return {"dataset": name, "version": None, "owner": owner}
    return {
        "dataset": name,
        "version": published.id,
        "published_at": aliases.stack(versions, aliases.PUBLISHED)[-1]["at"],
        "folder": str(store / publication.folder(name)),
        "rows": published.facts["rows"],
        "newest_row": published.facts["newest"],
        "owner": owner,
    }

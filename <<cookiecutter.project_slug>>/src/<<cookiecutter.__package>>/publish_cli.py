# The template's file: edits here meet template updates (copier update merges them).
"""The commands of a dataset: make and publish it, pick a version, say how it stands."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import ops_cli, settings
from .kit import COMMAND, aliases, job, lineage, page, publication
from .kit.errors import RefusedError, StoreError
from .settings import contract
from .terminal import PLAIN, Json, Source, Why, database, delivered, in_folder, origin, show, steps, store

if TYPE_CHECKING:
    from .kit.slo import Metrics

versions_app = typer.Typer(help="The versions of the dataset, and which one readers get.", **PLAIN)
DAY = ["%Y-%m-%d"]
PROMISE = "dataset"  # the contract whose promises ops/slo.yaml keeps


def attach(app: typer.Typer) -> None:
    """Make these commands known to the product's command line."""
    app.command()(run)
    app.command()(status)
    app.add_typer(versions_app, name="publish")
    ops_cli.attach(app)


def known() -> "Metrics":
    """The series that the job exports."""
    return job.series(job.METRICS)


def run(
    source: Source = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="Leave out earlier months.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="Leave out later months.")
    ] = None,
    openlineage: Annotated[Path | None, typer.Option(help="A file to append OpenLineage events to.")] = None,
    as_json: Json = False,
) -> None:
    """The main job: check the source, make its months anew, publish the dataset, write a report.

    \b
    Example:    << cookiecutter.project_slug >> run
                << cookiecutter.project_slug >> run --from 2013-01-01 --to 2013-03-31
    Exit code:  0 done; 1 some months failed, the others are published; 2 the input cannot be used
    """
    from . import pipeline  # it needs an engine; the other commands do without
    from .kit.months import EVER
    from .kit.steps import PAGE

    here, promise = settings.read(os.environ), contract("dataset")
    if openlineage:
        in_folder(openlineage)
    if first and last and first > last:
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} is later than --to {last:%Y-%m-%d}: exchange them")
    span = str(first or EVER[0])[:7], str(last or EVER[1])[:7]
    target = here.store / "dataset" / publication.LATEST / "dataset.parquet"
    with (
        job.told(here.store, here.pushgateway) as facts,
        lineage.recorded(openlineage, place := origin(source), target, promise, facts),
        delivered(source) as file,
        database() as engine,
        steps() as say,
    ):
        facts |= pipeline.run(engine, here.store, file, datetime.now(UTC), say, span, place).facts
    at = here.store / PAGE
    show(facts | {"report": str(at)}, as_json, f"{page.rendered('dataset.txt', **facts)}\nreport       {at}")
    if failed := facts["failed"]:
        told = [f"{month}: {message}" for month, message in failed.items()]
        others = "the others are" if facts["made"] and facts["versions"].get("dataset") else "nothing new is"
        text = "\n  ".join([f"failed months: {len(failed)}; {others} published", *told])
        raise RefusedError("DQ008", text, f"mend what each of them names, then `{COMMAND} run`")


def status(
    slo: ops_cli.Slo = False, prometheus: ops_cli.Prometheus = ops_cli.ADDRESS, as_json: Json = False
) -> None:
    """Which version is published, since when, and how fresh it is; or how the objectives stand.

    \b
    Example:    << cookiecutter.project_slug >> status
                << cookiecutter.project_slug >> status --slo --prometheus http://prometheus:9090
    Exit code:  0 told; 2 nothing is published, or it is damaged; 3 Prometheus does not answer
    """
    if slo:
        return ops_cli.objectives(prometheus, as_json)
    promise, versions = contract("dataset"), store("dataset")
    published = aliases.require(versions, aliases.PUBLISHED)
    facts = {
        "dataset": published.id,
        "published_at": aliases.stack(versions, aliases.PUBLISHED)[-1]["at"],
        "file": str(versions.root / publication.LATEST / "dataset.parquet"),
        "rows": published.facts["rows"],
        "newest_row": published.facts["newest"],
        "owner": f"{promise.owner} ({promise.contact})",
    }
    show(facts, as_json, "\n".join(f"{name:12} {fact}" for name, fact in facts.items()))


@versions_app.command(name="list")
def list_versions(as_json: Json = False) -> None:
    """All versions of the dataset, the newest first.

    \b
    Example:    << cookiecutter.project_slug >> publish list
    Exit code:  0 shown; 2 the log is damaged
    """
    versions = store("dataset")
    standing = [event["version"] for event in aliases.stack(versions, aliases.PUBLISHED)]
    found, lines = [], []
    for name in versions.versions():
        published = name in standing[-1:]
        try:
            version = versions.open(name)
            rows, newest = version.facts["rows"], version.facts["newest"]
            facts = {"made_at": version.made_at, "rows": rows, "newest": newest}
            text = f"{version.made_at}  {rows:,} rows to {newest[:10]}"
        except StoreError:
            facts, text = {"damaged": True}, "damaged"
        found.append({"version": name, "published": published, **facts})
        lines.append(f"{name}  {text}" + "  published" * published)
    show(found, as_json, "\n".join(lines))


@versions_app.command()
def promote(
    version: Annotated[str, typer.Argument(help="As `publish list` shows it.")],
    why: Why = "promoted by hand",
) -> None:
    """Let readers get a version from now on.

    \b
    Example:    << cookiecutter.project_slug >> publish promote 3f2a9c0d1b4e --why "false alarm"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    made = publication.promote(store("dataset"), version, why, datetime.now(UTC))
    print(f"published is {made.id}")


@versions_app.command()
def rollback(why: Why = "rolled back by hand") -> None:
    """Let readers get the version before again.

    Said again, it is the one before that; it never toggles.

    \b
    Example:    << cookiecutter.project_slug >> publish rollback --why "the source sent nonsense"
    Exit code:  0 done; 2 there is no version before
    """
    made = publication.rollback(store("dataset"), why, datetime.now(UTC))
    print(f"published is {made.id}")

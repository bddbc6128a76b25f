"""One run of the main job, as a command: files fetched, progress shown, metrics and lineage recorded.

In:       a product, its settings, the files that the user gives, the options of its pipeline.
Out:      what the report of the run says; of a dry run, also what it would do to the store.
Failure:  what reading the files and the steps raise; a dry run raises the same.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from ..contract import odcs
from ..contract.values import Contract
from ..errors import ProductError
from ..product import Product, Settings
from ..store.copied import copied
from ..telemetry import openlineage, run_metrics
from . import lineage
from .files import all_delivered, by_table, database, place_of
from .options import Sources
from .output import progress


def run(
    product: Product,
    settings: Settings,
    contracts: Mapping[str, Contract],
    source: Sources,
    events: Path | None,
    **options: Any,
) -> dict[str, Any]:
    """Run once. `contracts`: of the sources; `source`: TABLE=FILE for some; `events`: where lineage goes."""
    from ..steps import run as runs  # it needs an engine; the other commands do not
    from ..steps import supported

    files = by_table(source or [], contracts)
    with run_metrics.recorded(product.command, settings.store, settings.pushgateway) as facts:
        asked = supported.require(product)
        about = lineage.about(product, settings, asked.contracts, files)
        with (
            openlineage.recorded(events, about, facts),
            all_delivered(files, asked.sources, settings) as given,
            database(product, settings) as engine,
            progress() as step,
        ):
            facts |= runs.run(product, settings, engine, given, datetime.now(UTC), step, **options).facts
    return facts


def dry_run(
    product: Product,
    settings: Settings,
    contracts: Mapping[str, Contract],
    source: Sources,
    events: Path | None,
    **options: Any,
) -> dict[str, Any]:
    """As `run`, in a copy of the store, which is gone afterwards: what a run would do is what it does there.
    Nothing leaves this machine."""
    from ..reports.preview import preview

    if events:
        raise typer.BadParameter("--openlineage records what a run does, --dry-run does nothing: give one")
    given = by_table(source or [], contracts)
    places = {name: place_of(given.get(name), each, settings.home) for name, each in contracts.items()}
    with copied(settings.store) as copy, _by_name_of_store(copy, settings.store):
        there = replace(settings, store=copy, pushgateway=None, local=True)
        facts = run(product, there, contracts, source, None, **options)
        found = preview(facts, odcs.load_all(product.contracts), places, settings.store, copy)
        text = json.dumps(facts | {"dry_run": found})
        inside, outside = (json.dumps(str(each))[1:-1] for each in (copy, settings.store))
        shown: dict[str, Any] = json.loads(text.replace(inside, outside))
    return shown


@contextmanager
def _by_name_of_store(copy: Path, store: Path) -> Iterator[None]:
    """An error in the copy names the store, which users know."""
    try:
        yield
    except ProductError as error:
        message, hint = (text.replace(str(copy), str(store)) for text in (error.message, error.hint))
        if (message, hint) != (error.message, error.hint):
            hint += "\n      this was a dry run: a file of the store that is named here is there after a run"
        raise type(error)(error.id, message, hint) from None

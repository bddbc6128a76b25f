"""One run of the main job, as a command: files fetched, progress shown, metrics and lineage recorded.

In:       a product, its settings, the files that the user gives, the options of its pipeline.
Out:      what the report of the run says.
Failure:  what reading the files and the steps raise.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..contract.values import Contract
from ..product import Product, Settings
from ..telemetry import openlineage, run_metrics
from . import lineage
from .files import all_delivered, by_table, database
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

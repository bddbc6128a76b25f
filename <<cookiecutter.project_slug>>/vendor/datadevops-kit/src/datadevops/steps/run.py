"""Open a job around the pipeline of a product.

In:       a product, its settings, an engine, the delivered files, the time.
Out:      the version that the pipeline returns: its report.
Failure:  the errors of its steps; the previous version stays published.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..datasets import retention
from ..engine.start import Engine
from ..job import Delivered, Job
from ..product import Product, Settings
from ..release import code_sha256
from ..store import accepted, aliases
from ..store.versions import Store, Version, stores
from . import supported


def run(
    product: Product,
    settings: Settings,
    engine: Engine,
    sources: dict[str, Delivered],
    now: datetime,
    progress: Callable[..., object],
    **options: Any,
) -> Version:
    """Run the pipeline once. A second run waits for the first: it could delete what the first reads."""
    contracts, statements = supported.require(product)
    keep = {name: contract.keep_versions for name, contract in contracts.items() if contract.is_published}
    code = code_sha256(product)
    job = Job(product, settings, engine, contracts, code, now, progress, sources, statements, options)
    with Store(settings.store).locked():
        needed = {name: accepted.needed(job.store(name), contracts[name]) for name in sources}
        if product.serves:
            for name in stores(settings.store):
                aliases.retain(job.store(name), keep["predictions"], needed.get(name, ()))
        else:
            retention.retain(settings.store, keep, needed)
        report: Version = product.module("pipeline").run(job)
        return report

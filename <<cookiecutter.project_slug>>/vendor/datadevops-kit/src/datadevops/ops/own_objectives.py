"""The objectives of a product: its ops/slo.yaml, checked against its contract and its metrics.

In:       a product, the folder that holds ops/.
Out:      `Objectives`.
Failure:  what `slo.load` raises.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..contract import odcs, parts, promises
from ..contract.values import Contract
from ..datasets import cut
from ..errors import SloError
from ..product import Product
from ..telemetry import run_metrics
from ..telemetry.metric import series
from . import service_levels, slo
from .objectives import Metrics, Objectives
from .service_levels import Level


def load(product: Product, home: Path) -> Objectives:
    """What home/ops/slo.yaml says; it must fit what the contracts of the published tables and of the sources,
    those that are there so far, promise."""
    contracts = odcs.load_all(product.contracts)
    published = {name: each for name, each in contracts.items() if each.is_published}
    sources = {name: each for name, each in contracts.items() if each.is_source}
    path, levels = home / "ops" / "slo.yaml", service_levels.of(published)
    objectives = slo.load(path, exported(product), levels, service_levels.ages(sources))
    _require_age(objectives, levels.get(promises.FRESHNESS, ()), published)
    _require_promises(path, objectives, published)
    return objectives


def _require_promises(path: Path, objectives: Objectives, published: Mapping[str, Contract]) -> None:
    """Refuse an objective for the newest row of all datasets if one of them does not promise how new it is: a
    month may be older than another dataset's days ever are."""
    timed = {name: promises.of(each) for name, each in published.items() if cut.time_of(each)}
    silent = [name for name, promised in timed.items() if promises.FRESHNESS not in promised]
    for o in objectives.slos if len(published) > 1 else ():
        if silent and slo.OF_NEWEST[0] in o.query and "dataset=" not in o.query:
            all_of_them = f"{path}: {o.name} is about every dataset"
            text = f"{all_of_them}, and {', '.join(silent)} does not promise {promises.FRESHNESS}"
            hint = 'add dataset="TABLE" to the query; or promise the same, as slaProperties in its contract'
            raise SloError("OP002", text, hint)


def _require_age(objectives: Objectives, ages: Sequence[Level], published: Mapping[str, Contract]) -> None:
    """Refuse a promise of how new rows are that have no time, where no objective says otherwise what it is:
    nobody could keep it, or see that it is broken."""
    names = {o.name for o in objectives.slos}
    for level in ages:
        measured = names & {promises.FRESHNESS, service_levels.own_name(promises.FRESHNESS, level.table)}
        if cut.time_of(published[level.table]) is None and not measured:
            what = f"{level.path} promises {service_levels.written(level.entry)}"
            text = f"{what}, and no row of {level.table} has a time, and no objective measures it"
            hint = "delete that line; or give ops/slo.yaml an objective `freshness` for the age of a source"
            raise SloError("OP002", text, hint)


def exported(product: Product) -> Metrics:
    """The series that the product exports, each with its labels and their values.

    Without a time in the key of what is published, nobody knows how old its newest row is.
    """
    found, promises = (
        _exported(product, odcs.files(product.contracts)),
        odcs.load_published(product.contracts),
    )
    if not promises or any(cut.time_of(promise) for promise in promises.values()):
        return found
    return {name: labels for name, labels in found.items() if name not in slo.OF_NEWEST}


def _exported(product: Product, files: Mapping[str, Path]) -> Metrics:
    metrics = run_metrics.metrics(product.command)
    sources = [name for name, path in files.items() if path.parent.name == odcs.SOURCES]
    if not product.serves:
        return series(metrics, source=sources, dataset=product.datasets)
    from ..service.application import routes  # a data pipeline has no service
    from ..telemetry import service_metrics

    return series(
        service_metrics.METRICS | metrics,
        source=sources,
        le=service_metrics.BUCKETS,
        http_request_method=(),
        http_response_status_code=service_metrics.CODES,
        http_route=() if parts.missing(product) else routes(product),
    )

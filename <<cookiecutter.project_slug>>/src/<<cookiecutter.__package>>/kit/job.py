# The template's file: edits here meet template updates (copier update merges them).
"""What a run tells Prometheus, which cannot scrape a process that has ended.

In:       the facts of a run's report, when it began and ended, whether it failed.
Out:      run.prom in the store, whole or not at all, for the textfile collector of the node exporter;
          the same at a Pushgateway, if there is one.
Failure:  none: a Pushgateway that does not answer is told on stderr, the run stays good.

A run that fails says so, and leaves the figures of the last good one. An alert asks how long ago that was
as well: a job that no longer starts fails at nothing.
"""

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Gauge, Histogram, pushadd_to_gateway, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from . import COMMAND
from .prometheus import UNANSWERED

FILE = "run.prom"


class Metric(NamedTuple):
    kind: type[Any]
    about: str
    # label -> its values that exist from the start: a rate must have seen zero before the first failure
    labels: Mapping[str, Sequence[str]] = {}


OURS = {"product": [COMMAND]}
METRICS = {
    "product_run_last_success_timestamp_seconds": Metric(Gauge, "End of the last good run.", OURS),
    "product_run_failed": Metric(Gauge, "1 where the last run failed, or a part of it.", OURS),
    "product_run_duration_seconds": Metric(Gauge, "Time that the last run took.", OURS),
    "product_run_newest_timestamp_seconds": Metric(Gauge, "Newest row of what is published.", OURS),
    "product_run_rows": Metric(
        Gauge, "Rows of the source.", OURS | {"state": ["read", "good", "quarantined"]}
    ),
    "product_run_quarantined_ratio": Metric(Gauge, "Share of the rows of the source that are bad.", OURS),
    "product_run_drift_psi": Metric(
        Gauge, "PSI of the newest rows against those the model learnt from.", OURS | {"column": []}
    ),
}


def series(metrics: Mapping[str, Metric], **possible: Sequence[str]) -> dict[str, dict[str, Sequence[str]]]:
    """The series that the metrics become, each with its labels and their values; none is any.

    `possible`: the values of a label, where more can come than exist from the start.
    """
    found: dict[str, dict[str, Sequence[str]]] = {}
    for name, metric in metrics.items():
        for part in ("_bucket", "_count", "_sum") if metric.kind is Histogram else ("",):
            labels = {**metric.labels} | ({"le": ()} if part == "_bucket" else {})
            found[name + part] = {label: possible.get(label, values) for label, values in labels.items()}
    return found


@contextmanager
def told(store: Path, gateway: str | None) -> Iterator[dict[str, Any]]:
    """Tell how the run inside went, also where it is told to stop; it adds its facts to those given, as soon
    as it has them."""
    facts: dict[str, Any] = {}
    begin, failed = datetime.now(UTC), True
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a scheduler ends what takes too long
    try:
        yield facts
        failed = bool(facts.get("failed"))
    finally:
        signal.signal(signal.SIGTERM, before)
        tell(store, facts, begin, datetime.now(UTC), gateway, failed)


def tell(
    store: Path,
    facts: Mapping[str, Any],
    begin: datetime,
    end: datetime,
    gateway: str | None,
    failed: bool = False,
) -> None:
    """Write what `METRICS` declares of a run to the store, and push it to the gateway's address."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(name, metric.about, list(metric.labels), registry=registry)
        for name, metric in METRICS.items()
    }
    store.mkdir(parents=True, exist_ok=True)
    if failed and (store / FILE).exists():
        _restore(gauges, (store / FILE).read_text(encoding="utf-8", errors="replace"))
    gauges["product_run_failed"].labels(COMMAND).set(failed)
    gauges["product_run_duration_seconds"].labels(COMMAND).set((end - begin).total_seconds())
    if not failed:
        gauges["product_run_last_success_timestamp_seconds"].labels(COMMAND).set(end.timestamp())
    if facts:
        check = facts["checks"]["source"]
        for state, name in {"read": "read", "good": "good", "quarantined": "bad"}.items():
            gauges["product_run_rows"].labels(COMMAND, state).set(check[name])
        gauges["product_run_quarantined_ratio"].labels(COMMAND).set(check["bad"] / check["read"])
    if newest := facts.get("newest"):
        at = datetime.fromisoformat(newest).replace(tzinfo=UTC).timestamp()
        gauges["product_run_newest_timestamp_seconds"].labels(COMMAND).set(at)
    for column, psi in facts.get("drift", {}).items():
        gauges["product_run_drift_psi"].labels(COMMAND, column).set(psi)
    try:
        write_to_textfile(str(store / FILE), registry)
    finally:  # also where the disk is full
        if gateway:
            _push(gateway, registry)


def _push(gateway: str, registry: CollectorRegistry) -> None:
    try:
        pushadd_to_gateway(gateway, COMMAND, registry, timeout=5)
    except UNANSWERED as error:
        print(f"warning: the Pushgateway {gateway} was not told of this run: {error}", file=sys.stderr)


def _restore(gauges: Mapping[str, Gauge], text: str) -> None:
    """Set our figures of the run before. Lines that are broken or foreign are left out one by one: a run that
    fails must be able to say why."""
    for line in text.splitlines():
        with suppress(KeyError, ValueError):
            for family in text_string_to_metric_families(line):
                for sample in family.samples:
                    if sample.labels["product"] == COMMAND:
                        gauges[sample.name].labels(**sample.labels).set(sample.value)

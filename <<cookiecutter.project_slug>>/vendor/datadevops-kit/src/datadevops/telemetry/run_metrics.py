"""The metrics of a run, for Prometheus, which cannot scrape a process that has ended.

In:       the facts of a run's report, when it began and ended, whether it failed.
Out:      run.prom in the store, complete or not at all, for the textfile collector of the node exporter;
          the same at a Pushgateway, if there is one.
Failure:  none: if a Pushgateway does not answer, a warning goes to stderr, and the run still succeeds.

A failed run sets product_run_failed and keeps the other metrics of the last good run. An alert also checks
how long ago that was: a job that no longer starts never fails.
"""

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, pushadd_to_gateway, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from ..reports.ages import moment
from . import direct
from .metric import Metric
from .prometheus import UNANSWERED

FILE = "run.prom"
SOURCE_NEWEST = "product_run_source_newest_timestamp_seconds"


def metrics(command: str) -> dict[str, Metric]:
    """The metrics of a run of the product with this command, by name."""
    ours = {"product": [command]}
    return {
        "product_run_last_success_timestamp_seconds": Metric(Gauge, "End of the last successful run.", ours),
        "product_run_failed": Metric(Gauge, "1 if the last run failed, in whole or in part.", ours),
        "product_run_duration_seconds": Metric(Gauge, "Duration of the last run.", ours),
        "product_run_newest_timestamp_seconds": Metric(
            Gauge, "Time of the newest published row of a dataset.", ours | {"dataset": []}
        ),
        "product_run_dataset_failed": Metric(
            Gauge, "1 if the last run failed for a dataset, in whole or in part.", ours | {"dataset": []}
        ),
        "product_run_rows": Metric(
            Gauge, "Rows of a source.", ours | {"source": [], "state": ["read", "good", "quarantined"]}
        ),
        "product_run_quarantined_ratio": Metric(
            Gauge, "Share of the rows of a source that are bad.", ours | {"source": []}
        ),
        SOURCE_NEWEST: Metric(
            Gauge,
            "Time of the newest row of a source; if rows have no time, when its file arrived.",
            ours | {"source": []},
        ),
        "product_run_drift_psi": Metric(
            Gauge, "PSI of the newest rows against the training rows.", ours | {"column": []}
        ),
    }


@contextmanager
def recorded(command: str, store: Path, gateway: str | None) -> Iterator[dict[str, Any]]:
    """Record the result of the run in the block, also if it is stopped. The run adds its facts to the yielded
    dictionary as soon as it has them."""
    facts: dict[str, Any] = {}
    begin, failed = datetime.now(UTC), True
    stopped = Event()

    def stop(*_: object) -> None:  # a scheduler stops late runs
        stopped.set()
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield facts
        failed = bool(facts.get("failed"))
    except RuntimeError:
        if stopped.is_set():  # in a query DuckDB makes "Query interrupted" of the exit
            sys.exit(143)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
        record(command, store, facts, begin, datetime.now(UTC), gateway, failed)


def record(
    command: str,
    store: Path,
    facts: Mapping[str, Any],
    begin: datetime,
    end: datetime,
    gateway: str | None,
    failed: bool = False,
) -> None:
    """Write the `metrics` of a run to the store, and push them to the gateway's address."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(name, metric.about, list(metric.labels), registry=registry)
        for name, metric in metrics(command).items()
    }
    store.mkdir(parents=True, exist_ok=True)
    if failed and (store / FILE).exists():
        _restore(gauges, command, (store / FILE).read_text(encoding="utf-8", errors="replace"))

    def note(name: str, value: float, *labels: str) -> None:
        gauges[f"product_run_{name}"].labels(command, *labels).set(value)

    note("failed", failed)
    note("duration_seconds", (end - begin).total_seconds())
    if not failed:
        note("last_success_timestamp_seconds", end.timestamp())
    for source, about in facts.get("sources", {}).items():
        if at := about["newest"] or about["arrived_at"]:
            note("source_newest_timestamp_seconds", moment(at).timestamp(), source)
        check = facts["checks"][source]
        for state, count in {"read": "read", "good": "good", "quarantined": "bad"}.items():
            note("rows", check[count], source, state)
        note("quarantined_ratio", check["bad"] / (check["read"] or 1), source)
    for dataset, about in facts.get("datasets", {}).items():
        note("dataset_failed", bool(about["error"] or about["failed"]), dataset)
    for dataset, about in facts.get("datasets", {"predictions": facts}).items():
        if newest := about.get("newest"):
            note("newest_timestamp_seconds", moment(newest).timestamp(), dataset)
    for column, psi in facts.get("drift", {}).items():
        note("drift_psi", psi, column)
    try:
        write_to_textfile(str(store / FILE), registry)
    finally:  # also if the disk is full
        if gateway:
            _push(gateway, command, registry)


def _push(gateway: str, command: str, registry: CollectorRegistry) -> None:
    try:
        pushadd_to_gateway(gateway, command, registry, timeout=5, handler=direct.handler)
    except UNANSWERED as error:
        print(f"warning: the Pushgateway {gateway} did not accept the metrics: {error}", file=sys.stderr)


def _restore(gauges: Mapping[str, Gauge], command: str, text: str) -> None:
    """Set the metrics of the previous run. Broken and foreign lines are skipped: a damaged file must not hide
    why the run failed."""
    for line in text.splitlines():
        with suppress(KeyError, ValueError):
            for family in text_string_to_metric_families(line):
                for sample in family.samples:
                    if sample.labels["product"] == command:
                        gauges[sample.name].labels(**sample.labels).set(sample.value)

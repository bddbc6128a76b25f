# The template's file: edits here meet template updates (copier update merges them).
"""What a run tells Prometheus, which cannot scrape a process that has ended.

In:       the facts of a run's report, when it began and ended.
Out:      run.prom in the store, whole or not at all, for the textfile collector of the node exporter;
          the same at a Pushgateway, if there is one.
Failure:  none: a Pushgateway that does not answer is told on stderr, the run stays good.

Only a run that went through is told. An alert asks how long ago that was, never whether the last one
failed: a job that no longer starts fails at nothing.
"""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, pushadd_to_gateway, write_to_textfile

from . import COMMAND
from .telemetry import Metric

FILE = "run.prom"
METRICS = {
    "product_run_last_success_timestamp_seconds": Metric(
        Gauge, "End of the last good run.", {"product": [COMMAND]}
    ),
    "product_run_duration_seconds": Metric(Gauge, "Time that it took.", {"product": [COMMAND]}),
    "product_run_rows": Metric(
        Gauge, "Rows of its source.", {"product": [COMMAND], "state": ["read", "good", "quarantined"]}
    ),
    "product_run_drift_psi": Metric(
        Gauge,
        "PSI of its newest rows against those the model learnt from.",
        {"product": [COMMAND], "column": []},
    ),
}


def tell(store: Path, facts: Mapping[str, Any], begin: datetime, end: datetime, gateway: str | None) -> None:
    """Write what `METRICS` declares of a run to the store, and push it to the gateway's address."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(name, metric.about, list(metric.labels), registry=registry)
        for name, metric in METRICS.items()
    }
    check = facts["checks"]["source"]
    gauges["product_run_last_success_timestamp_seconds"].labels(COMMAND).set(end.timestamp())
    gauges["product_run_duration_seconds"].labels(COMMAND).set((end - begin).total_seconds())
    for state, name in {"read": "read", "good": "good", "quarantined": "bad"}.items():
        gauges["product_run_rows"].labels(COMMAND, state).set(check[name])
    for column, psi in facts["drift"].items():
        gauges["product_run_drift_psi"].labels(COMMAND, column).set(psi)
    write_to_textfile(str(store / FILE), registry)
    if gateway:
        try:
            pushadd_to_gateway(gateway, COMMAND, registry, timeout=5)
        except OSError as error:
            print(f"warning: the Pushgateway {gateway} was not told of this run: {error}", file=sys.stderr)

"""The page of the metrics.

In:       the metrics that the kit declares.
Out:      a page: each metric with its type, its labels, and what it says.
"""

from collections.abc import Mapping
from typing import Any

HEAD = """\
<!-- Made by tools/make_reference.py from the kit's metrics. Do not edit. -->
# Metrics

Rules, dashboard and runbooks use these names. An objective in `ops/slo.yaml` about a series that does
not exist is an error ([OP002](errors.md#op002)).

## Of each run

A run writes them to `store/run.prom`, for the textfile collector of the node exporter, and pushes them
to a Pushgateway if `PREFIX_PUSHGATEWAY` is set. A failed run keeps the values of the last good one,
except `product_run_failed` and the duration.

"""
SERVICE = """
## Of the service

`/metrics` on the management port. The names follow the semantic conventions of OpenTelemetry.

"""


def page() -> str:
    """The text of the page."""
    from datadevops.telemetry import run_metrics, service_metrics  # doctests import this file without the kit

    return HEAD + _table(run_metrics.metrics("PRODUCT")) + SERVICE + _table(service_metrics.METRICS)


def _table(metrics: Mapping[str, Any]) -> str:
    rows = "".join(
        f"| `{name}` | {metric.kind.__name__.lower()} | {_labels(metric)} | {metric.about} |\n"
        for name, metric in metrics.items()
    )
    return f"| metric | type | labels | |\n|---|---|---|---|\n{rows}"


def _labels(metric: Any) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels)

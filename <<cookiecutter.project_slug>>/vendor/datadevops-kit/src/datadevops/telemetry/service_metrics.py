"""The metrics of the service.

In:       the command of the product, which is the name of its service.
Out:      counters and gauges by name, in a registry of their own.

Every metric of the service is declared here and nowhere else; rules, dashboards and runbooks use these
names. They follow the semantic conventions of OpenTelemetry, in the spelling of Prometheus.
"""

import os
import re
from http import HTTPStatus
from importlib import metadata
from itertools import product
from typing import Any

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from ..contract.predicates import REQUEST_RULES
from .metric import Metric

PREDICT = "/v1/predict"
PROBE = b"-probe"  # the end of a probe's User-Agent
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BUCKETS = (*(str(float(each)) for each in SECONDS), "+Inf")  # the values of the label `le`
STATUSES = ("200", "400", "401", "408", "413", "415", "422", "500", "503")
CODES = (*(str(status.value) for status in HTTPStatus), "499")  # of endpoints of the team too


METRICS = {
    "http_server_request_duration_seconds": Metric(
        Histogram,
        "Time to answer.",
        {"http_request_method": ["POST"], "http_route": [PREDICT], "http_response_status_code": STATUSES},
    ),
    "http_server_active_requests": Metric(Gauge, "Requests in flight."),
    "product_rows_total": Metric(
        Counter, "Rows in requests, by whether they keep the contract.", {"outcome": ["good", "bad"]}
    ),
    "product_contract_violations_total": Metric(
        Counter, "Rows of requests that broke a rule.", {"rule": REQUEST_RULES}
    ),
    "product_predictions_total": Metric(
        Counter, "Predictions by decision: yes or no, the class, or `number`.", {"decision": []}
    ),
    "product_drift_psi": Metric(
        Gauge,
        "Population Stability Index of the newest rows against the training rows; absent"
        " until there are enough rows.",
        {"column": []},
    ),
    "product_ready": Metric(Gauge, "1 if a verified model is in use and the server is not stopping."),
    "product_model_info": Metric(Gauge, "1 for the model version in use.", {"version": []}),
    "product_model_trained_timestamp_seconds": Metric(Gauge, "When that version was made."),
    "product_model_loaded_timestamp_seconds": Metric(Gauge, "When that version was loaded."),
    "product_model_reloads_total": Metric(
        Counter,
        "Model changes; after a refused one the previous model stays in use.",
        {"outcome": ["swapped", "refused"]},
    ),
    "product_data_newest_timestamp_seconds": Metric(Gauge, "Time of the newest published row."),
    "product_shadow_rows_total": Metric(Counter, "Rows that the challenger scored too."),
    "product_shadow_disagreements_total": Metric(
        Counter, "Rows that the challenger decides differently from the champion."
    ),
}


def release(service: str) -> str:
    """The version of the code: from OTEL_RESOURCE_ATTRIBUTES if set, else of the installed package."""
    attributes = re.findall(r"([^,=]+)=([^,]*)", os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    try:
        return dict(attributes).get("service.version") or metadata.version(service)
    except metadata.PackageNotFoundError:
        return "unreleased"


class Metrics:
    """`METRICS` by name, ready to count, in their own registry; `target_info` has the version."""

    def __init__(self, service: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(
            target_info={"service_name": service, "service_version": release(service)}
        )
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self._by_name: dict[str, Any] = {}
        for name, (kind, about, labels) in METRICS.items():
            options: dict[str, Any] = {"buckets": SECONDS} if kind is Histogram else {}
            metric = kind(name, about, list(labels), registry=self.registry, **options)
            for values in product(*labels.values()) if labels else ():
                metric.labels(*values)
            self._by_name[name] = metric

    def __getitem__(self, name: str) -> Any:
        return self._by_name[name]

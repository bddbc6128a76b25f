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
PROBE = b"-probe"  # how the User-Agent of a probe ends
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BUCKETS = (*(str(float(each)) for each in SECONDS), "+Inf")  # as they are labelled
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
        Counter, "Rows of requests, by whether they keep the contract.", {"outcome": ["good", "bad"]}
    ),
    "product_contract_violations_total": Metric(
        Counter, "Rows of requests that broke a rule.", {"rule": REQUEST_RULES}
    ),
    "product_predictions_total": Metric(Counter, "Predictions by decision.", {"decision": ["yes", "no"]}),
    "product_drift_psi": Metric(
        Gauge,
        "Population Stability Index of the newest rows against those the model learnt from; absent"
        " until there are enough rows.",
        {"column": []},
    ),
    "product_ready": Metric(Gauge, "1 where a verified model answers and the server is not stopping."),
    "product_model_info": Metric(Gauge, "1 for the version of the model that answers.", {"version": []}),
    "product_model_trained_timestamp_seconds": Metric(Gauge, "When that version was made."),
    "product_model_loaded_timestamp_seconds": Metric(Gauge, "Since when that version answers."),
    "product_model_reloads_total": Metric(
        Counter,
        "Changes of the model; after a refused one the model before answers on.",
        {"outcome": ["swapped", "refused"]},
    ),
    "product_data_newest_timestamp_seconds": Metric(Gauge, "Time of the newest row that is published."),
    "product_shadow_rows_total": Metric(Counter, "Rows that the challenger has scored as well."),
    "product_shadow_disagreements_total": Metric(
        Counter, "Rows about which the challenger decides otherwise than the champion."
    ),
}


def release(service: str) -> str:
    """The version of the code: from OTEL_RESOURCE_ATTRIBUTES if it is there, else as installed."""
    said = re.findall(r"([^,=]+)=([^,]*)", os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    try:
        return dict(said).get("service.version") or metadata.version(service)
    except metadata.PackageNotFoundError:
        return "unreleased"


class Metrics:
    """`METRICS` by name, ready to count, in a registry of their own; `target_info` holds the version."""

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

# The template's file: edits here meet template updates (copier update merges them).
"""What the product tells of itself.

Every metric of the service is declared here and nowhere else; rules, dashboards and runbooks use these
names. They follow the semantic conventions of OpenTelemetry, in the spelling of Prometheus.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from prometheus_client import Counter, Gauge, Histogram

PREDICT = "/v1/predict"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
STATUSES = ("200", "400", "401", "408", "413", "415", "422", "500", "503")


class Metric(NamedTuple):
    kind: type[Any]
    about: str
    # label -> its values that exist from the start: a rate must have seen zero before the first failure
    labels: Mapping[str, Sequence[str]] = {}


METRICS = {
    "http_server_request_duration_seconds": Metric(
        Histogram,
        "Time to answer.",
        {
            "http_request_method": ["POST"],
            "http_route": [PREDICT],
            "http_response_status_code": STATUSES,
        },
    ),
    "http_server_active_requests": Metric(Gauge, "Requests in flight."),
    "product_rows_total": Metric(
        Counter, "Rows of requests, by whether they keep the contract.", {"outcome": ["good", "bad"]}
    ),
    "product_contract_violations_total": Metric(Counter, "Rows of requests that broke a rule.", {"rule": []}),
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


def series(metrics: Mapping[str, Metric]) -> dict[str, set[str]]:
    """The series that the metrics become, each with the names of its labels."""
    found: dict[str, set[str]] = {}
    for name, metric in metrics.items():
        for part in ("_bucket", "_count", "_sum") if metric.kind is Histogram else ("",):
            found[name + part] = {*metric.labels, *(["le"] if part == "_bucket" else [])}
    return found

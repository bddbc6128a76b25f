# The template's file: edits here meet template updates (copier update merges them).
"""What the product tells of itself: metrics, JSON logs, trace context.

Every metric is declared here and nowhere else; rules, dashboards and runbooks use these names.
Names follow the semantic conventions of OpenTelemetry, in the spelling of Prometheus.

Failure:  SettingsError CF005 (OTLP is asked for, its packages are not installed).
"""

import json
import logging
import os
import random
import re
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import metadata
from itertools import product
from typing import Any, NamedTuple

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

from . import COMMAND, request
from .errors import SettingsError
from .job import Metric

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
        Counter, "Rows of requests that broke a rule.", {"rule": request.NAMES}
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


def release() -> str:
    """The version of the code: as whoever started it says, in the way of OpenTelemetry, or as installed."""
    said = re.findall(r"([^,=]+)=([^,]*)", os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    try:
        return dict(said).get("service.version") or metadata.version(COMMAND)
    except metadata.PackageNotFoundError:
        return "unreleased"


class Metrics:
    """`METRICS` by name, ready to count, in a registry of their own; `target_info` tells the version."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(target_info={"service_name": COMMAND, "service_version": release()})
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


class Trace(NamedTuple):
    """Who asks: ids for logs and spans."""

    request_id: str
    trace_id: str  # 32 hexadecimal digits
    parent_id: str  # 16, of the caller; made up where it told none


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
_PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_PLAIN = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


def trace(headers: Mapping[bytes, bytes]) -> Trace:
    """The trace a request belongs to; a new one where its headers tell none."""
    ids = f"{random.getrandbits(192):048x}"
    parent = _PARENT.fullmatch(given) if (given := headers.get(b"traceparent")) else None
    trace_id = parent[1].decode() if parent else ids[:32]
    asked = headers.get(b"x-request-id")
    request_id = asked.decode() if asked and _PLAIN.fullmatch(asked) else trace_id
    return Trace(request_id, trace_id, parent[2].decode() if parent else ids[32:])


class JsonLines(logging.Formatter):
    """One line of JSON a record; `facts` is what every line says beside it."""

    def __init__(self, facts: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._facts = facts

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            **self._facts(),
        }
        if (asked := current.get()) is not None:
            line |= {"request_id": asked.request_id, "trace_id": asked.trace_id}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line | getattr(record, "facts", {}))


def start_logging(facts: Callable[[], Mapping[str, Any]]) -> None:
    """From now on every log record is a line of JSON on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(facts))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


Export = Callable[[str, Trace, int, int, int], None]


def exporter() -> Export | None:
    """A function that sends a span by OTLP: (name, trace, start and end in ns, status); None where
    OTEL_EXPORTER_OTLP_ENDPOINT does not ask for it."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    try:
        from opentelemetry import trace as api
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        text = f"OTEL_EXPORTER_OTLP_ENDPOINT is set, but {error.name} is not installed"
        raise SettingsError("CF005", text, "`uv sync --extra otlp`, or unset the variable") from None
    provider = TracerProvider(resource=Resource.create({"service.name": COMMAND}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer(COMMAND)

    def export(name: str, asked: Trace, start: int, end: int, status: int) -> None:
        ids = int(asked.trace_id, 16), int(asked.parent_id, 16)
        caller = api.NonRecordingSpan(api.SpanContext(*ids, True, api.TraceFlags(1)))
        context = api.set_span_in_context(caller)
        span = tracer.start_span(name, context, api.SpanKind.SERVER, start_time=start)
        span.set_attribute("http.response.status_code", status)
        span.end(end)

    return export

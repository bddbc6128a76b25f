"""Trace context of requests, and spans by OTLP.

In:       the headers of a request (W3C Trace Context, X-Request-ID).
Out:      ids for logs and spans; a function that sends a span.
Failure:  SettingsError CF005 (OTLP is requested, but its packages are not installed).
"""

import os
import random
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import NamedTuple

from ..errors import SettingsError


class Trace(NamedTuple):
    """The ids of a request, for logs and spans."""

    request_id: str
    trace_id: str  # 32 hexadecimal digits
    parent_id: str  # 16, of the caller; generated if the caller sent none


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
_PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_PLAIN = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


def trace(headers: Mapping[bytes, bytes]) -> Trace:
    """The trace of a request; a new one if its headers have none."""
    ids = f"{random.getrandbits(192):048x}"
    parent = _PARENT.fullmatch(given) if (given := headers.get(b"traceparent")) else None
    trace_id = parent[1].decode() if parent else ids[:32]
    asked = headers.get(b"x-request-id")
    request_id = asked.decode() if asked and _PLAIN.fullmatch(asked) else trace_id
    return Trace(request_id, trace_id, parent[2].decode() if parent else ids[32:])


Export = Callable[[str, Trace, int, int, int], None]


def exporter(service: str) -> Export | None:
    """A function that sends a span by OTLP: (name, trace, start and end in ns, status); None if
    OTEL_EXPORTER_OTLP_ENDPOINT is not set. `service`: the name in the spans."""
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
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer(service)

    def export(name: str, asked: Trace, start: int, end: int, status: int) -> None:
        ids = int(asked.trace_id, 16), int(asked.parent_id, 16)
        caller = api.NonRecordingSpan(api.SpanContext(*ids, True, api.TraceFlags(1)))
        context = api.set_span_in_context(caller)
        span = tracer.start_span(name, context, api.SpanKind.SERVER, start_time=start)
        span.set_attribute("http.response.status_code", status)
        span.end(end)

    return export

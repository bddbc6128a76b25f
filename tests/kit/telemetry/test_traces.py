"""A trace continues through the service, and its spans are sent where a variable says."""

import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest

from datadevops.errors import SettingsError
from datadevops.telemetry import traces


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"00-" + b"0" * 32 + b"-" + b"b" * 16 + b"-01",
        b"00-" + b"a" * 32 + b"-" + b"0" * 16 + b"-01",
        b"ff-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01",
        b"00-" + b"A" * 32 + b"-" + b"b" * 16 + b"-01",
        b"00-" + b"a" * 31 + b"-" + b"b" * 16 + b"-01",
    ],
)
def test_an_invalid_trace_header_starts_a_new_trace(header):
    trace = traces.trace({b"traceparent": header})

    assert trace.trace_id != "a" * 32
    assert re.fullmatch("[0-9a-f]{32} [0-9a-f]{16}", f"{trace.trace_id} {trace.parent_id}")


def test_the_trace_of_the_caller_continues():
    trace = traces.trace({b"traceparent": f"00-{'a' * 32}-{'b' * 16}-01".encode()})

    assert (trace.trace_id, trace.parent_id) == ("a" * 32, "b" * 16)


def test_a_request_keeps_the_id_that_its_caller_gave_it():
    assert traces.trace({b"x-request-id": b"order:17_a.B-2"}).request_id == "order:17_a.B-2"


@pytest.mark.parametrize("asked", [b"", b"a" * 65, b"a b", b"\n", "ä".encode()])
def test_an_id_that_does_not_fit_into_a_log_is_replaced_by_that_of_the_trace(asked):
    trace = traces.trace({b"x-request-id": asked})

    assert trace.request_id == trace.trace_id


def test_each_request_without_a_trace_gets_another_one():
    assert len({traces.trace({}).trace_id for _ in range(10)}) == 10


def test_otlp_without_its_packages_says_how_to_get_them(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    with pytest.raises(SettingsError, match=r"CF005.*not installed"):
        traces.exporter("shop-orders")


def test_without_its_variable_nothing_is_exported(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

    assert traces.exporter("shop-orders") is None


def test_spans_are_sent_where_the_variable_says(monkeypatch):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    got, arrived, asked = [], Event(), traces.trace({})

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            arrived.set()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")  # ms
        traces.exporter("shop-orders")("POST /v1/predict", asked, 1, 2, 503)
        assert arrived.wait(10)
        collector.shutdown()

    ((path, body),) = got
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    (span,) = resource.scope_spans[0].spans
    assert "shop-orders" in [each.value.string_value for each in resource.resource.attributes]
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == (
        "POST /v1/predict",
        asked.trace_id,
        asked.parent_id,
    )
    assert (span.kind, span.start_time_unix_nano, span.end_time_unix_nano) == (span.SPAN_KIND_SERVER, 1, 2)
    assert [(each.key, each.value.int_value) for each in span.attributes] == [
        ("http.response.status_code", 503)
    ]

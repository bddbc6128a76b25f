# The template's file: edits here meet template updates (copier update merges them).
"""What the service tells of itself is complete, parses, and bears the names others rely on."""

import logging
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
from prometheus_client.parser import text_string_to_metric_families

from << cookiecutter.__package >>.kit import job, telemetry
from << cookiecutter.__package >>.kit.errors import SettingsError

UNITS = ("_seconds", "_total", "_psi", "_requests", "_info", "_ready")


def test_every_metric_is_there_from_the_start_with_help_and_a_unit(start):
    with start() as running:
        text = running.ask("/metrics", management=True).body.decode()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name, (_, about, labels) in telemetry.METRICS.items():
        family = families[name.removesuffix("_total")]
        assert (family.documentation, name.endswith(UNITS)) == (about, True)
        known = [values for values in labels.values() if values]
        assert len(family.samples) > 0 or len(known) < len(labels), name
    ours = {name for name in families if re.match("http_|product_", name)}
    assert ours == {name.removesuffix("_total") for name in telemetry.METRICS}


def test_the_release_is_what_whoever_starts_it_says(monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging,service.version=1.5.0")

    registry = telemetry.Metrics().registry

    labels = {"service_name": telemetry.COMMAND, "service_version": "1.5.0"}
    assert registry.get_sample_value("target_info", labels) == 1


def test_a_request_is_counted_by_route_and_status(start, served):
    series = 'http_request_method="{}",http_response_status_code="{}",http_route="{}"'
    with start() as running:
        for body in (served.body(), served.body(), b"{"):
            running.ask(body=body)
        running.ask("/card", body=b'{"number": 1}')
        running.ask("/nowhere/4711")
        running.ask("/slow", method="BREW")
        counts = [
            running.metric(f"http_server_request_duration_seconds_count{{{series.format(*labels)}}}")
            for labels in (
                ("POST", 200, "/v1/predict"),
                ("POST", 400, "/v1/predict"),
                ("POST", 200, "/card"),
                ("GET", 404, ""),
                ("POST", 500, "/v1/predict"),
            )
        ]
        decisions = [
            running.metric(f'product_predictions_total{{decision="{name}"}}') for name in ("yes", "no")
        ]
        text = running.ask("/metrics", management=True).body.decode()

    assert counts == [2, 1, 1, 1, 0]
    assert sum(decisions) == 2
    assert "4711" not in text
    assert "BREW" not in text


def test_every_line_of_the_log_is_json_and_says_which_model_answered(start, served):
    with start() as running:
        running.ask(body=served.body())
        running.ask("/fails", traceparent=f"00-{'a' * 32}-{'b' * 16}-01", x_request_id="mine")
        running.process.terminate()
        running.process.wait(10)
        lines = running.lines()

    assert all({"time", "level", "message", "logger", "model_version"} <= set(line) for line in lines)
    (failed,) = [line for line in lines if "exception" in line]
    assert (failed["request_id"], failed["trace_id"]) == ("mine", "a" * 32)
    assert failed["model_version"] == served.versions[0]
    assert not any("/v1/predict" in line["message"] for line in lines)  # no access log


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
def test_a_trace_that_is_none_begins_a_new_one(header):
    trace = telemetry.trace({b"traceparent": header})

    assert trace.trace_id != "a" * 32
    assert re.fullmatch("[0-9a-f]{32} [0-9a-f]{16}", f"{trace.trace_id} {trace.parent_id}")


def test_the_trace_of_the_caller_goes_on():
    trace = telemetry.trace({b"traceparent": f"00-{'a' * 32}-{'b' * 16}-01".encode()})

    assert (trace.trace_id, trace.parent_id) == ("a" * 32, "b" * 16)


def test_a_log_line_carries_the_facts_it_is_given():
    record = logging.makeLogRecord({"msg": "read %d rows", "args": (3,), "facts": {"rows": 3}})

    line = telemetry.JsonLines(lambda: {"model_version": None}).format(record)

    assert '"message": "read 3 rows"' in line
    assert '"rows": 3' in line


def test_otlp_without_its_packages_says_how_to_get_them(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    with pytest.raises(SettingsError, match=r"CF005.*not installed"):
        telemetry.exporter()


def test_without_its_variable_nothing_is_exported(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)

    assert telemetry.exporter() is None


def test_spans_are_sent_where_the_variable_says(monkeypatch):
    got, arrived = [], Event()

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
        telemetry.exporter()("POST /v1/predict", telemetry.trace({}), 1, 2, 200)
        assert arrived.wait(10)
        collector.shutdown()

    ((path, body),) = got
    assert path == "/v1/traces"
    assert b"POST /v1/predict" in body


def test_a_histogram_is_three_series_and_only_its_buckets_have_a_limit():
    series = job.series(telemetry.METRICS | job.METRICS, le=telemetry.BUCKETS)

    name = "http_server_request_duration_seconds"
    assert {"le", "http_route"} <= series[f"{name}_bucket"].keys()
    assert "le" not in series[f"{name}_count"]
    assert name not in series
    assert series["product_run_rows"].keys() == {"product", "state"}


def test_the_limits_of_buckets_are_those_that_prometheus_sees():
    registry = telemetry.Metrics().registry

    name = "http_server_request_duration_seconds"
    (family,) = (each for each in registry.collect() if each.name == name)

    found = {sample.labels["le"] for sample in family.samples if sample.name == f"{name}_bucket"}
    assert set(telemetry.BUCKETS) == found

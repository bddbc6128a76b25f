"""Metrics and logs of the service are complete, parse, and have the names that others rely on."""

import re

from prometheus_client.parser import text_string_to_metric_families

from datadevops.telemetry import service_metrics

UNITS = ("_seconds", "_total", "_psi", "_requests", "_info", "_ready")


def test_every_metric_is_there_from_the_start_with_help_and_a_unit(start):
    with start() as running:
        text = running.ask("/metrics", management=True).body.decode()

    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name, (_, about, labels) in service_metrics.METRICS.items():
        family = families[name.removesuffix("_total")]
        assert (family.documentation, name.endswith(UNITS)) == (about, True)
        known = [values for values in labels.values() if values]
        assert len(family.samples) > 0 or len(known) < len(labels), name
    ours = {name for name in families if re.match("http_|product_", name)}
    assert ours == {name.removesuffix("_total") for name in service_metrics.METRICS}


def test_a_request_is_counted_by_route_and_status(start, served):
    series = 'http_request_method="{}",http_response_status_code="{}",http_route="{}"'
    with start() as running:
        for body in (served.body(), served.body(), b"{"):
            running.ask(body=body)
        running.ask("/card", body=b'{"number": 1}')
        running.ask("/nowhere/raspberry")
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
    assert "raspberry" not in text
    assert "BREW" not in text


def test_every_line_of_the_log_is_json_and_names_the_model(start, served):
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

"""A query has a sample of each series; what does not answer as Prometheus does is named with its answer."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from datadevops.errors import NotRunError
from datadevops.telemetry import prometheus


@pytest.fixture
def answering():
    """answering(body, status): the address of a server that answers so, and the paths it was asked for."""
    servers = []

    def start(body, status=200):
        asked = []

        class Server(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Server)
        thread = Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("end", ["", "/"])
def test_each_series_is_a_sample_with_its_labels_and_its_value(answering, end):
    series = [
        {"metric": {"job": "shop", "le": "0.5"}, "value": [1_700_000_000.5, "0.25"]},
        {"metric": {}, "value": [1_700_000_000.5, "+Inf"]},
    ]
    address, asked = answering(json.dumps({"status": "success", "data": {"result": series}}).encode())

    found = prometheus.query(address + end, "up > 0")

    assert found == [({"job": "shop", "le": "0.5"}, 0.25), ({}, float("inf"))]
    assert asked == ["/api/v1/query?query=up+%3E+0"]


NO_PROMETHEUS = {  # what answers: its body, its status, what is told of it
    "a page": (b"<html>", 200, "Expecting value"),
    "no text": (b"\xff\xfe\xff", 200, "decode"),
    "another API": (b'{"data": {}}', 200, "result"),
    "a list": (b"[1]", 200, "indices"),
    "samples without a value": (b'{"data": {"result": [{"metric": {}}]}}', 200, "value"),
    "a value that is no number": (b'{"data": {"result": [{"metric": {}, "value": [1, "x"]}]}}', 200, "float"),
    "a refusal": (b'{"error": "unknown function ratio"}', 400, "400: .*unknown function ratio"),
}


@pytest.mark.parametrize(("body", "status", "told"), NO_PROMETHEUS.values(), ids=NO_PROMETHEUS)
def test_what_answers_otherwise_is_named_with_what_it_said(answering, body, status, told):
    address, _ = answering(body, status)

    with pytest.raises(
        NotRunError, match=f"OP010(?s:.*){address} does not answer as Prometheus does: .*{told}"
    ):
        prometheus.query(address, "up")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://", "prometheus:9090", "http://[::1"])
def test_an_address_at_which_nobody_answers_is_named(address):
    with pytest.raises(NotRunError, match="does not answer as Prometheus does") as caught:
        prometheus.query(address, "up")

    assert address in str(caught.value)


def test_a_refusal_of_many_pages_is_cut(answering):
    address, _ = answering(b"x" * 100_000, 502)

    with pytest.raises(NotRunError, match=r"502.*: x{100}") as caught:
        prometheus.query(address, "up")

    assert len(str(caught.value)) < 1_000

"""A proxy of the environment is never asked for an address of this machine, and always for the others."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from prometheus_client import CollectorRegistry, pushadd_to_gateway

from datadevops.telemetry import direct


@pytest.fixture
def listening():
    """The port of a server on this machine, and what it was asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("content-length", 0))
            self.rfile.read(length)
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def do_POST(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_directly(listening, monkeypatch, host):
    port, asked = listening
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    direct.urlopen(f"http://{host}:{port}/livez", timeout=5).close()
    pushadd_to_gateway(f"{host}:{port}", "job", CollectorRegistry(), handler=direct.handler)

    assert asked == ["/livez", "/metrics/job/job"]


def test_another_machine_is_asked_by_way_of_the_proxy(listening, monkeypatch):
    port, asked = listening
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("no_proxy", raising=False)

    direct.urlopen("http://prometheus.example:9090/api", timeout=5).close()

    assert asked == ["http://prometheus.example:9090/api"]

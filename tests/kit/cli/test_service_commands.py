"""The commands about a running service."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from datadevops.contract import odcs


@pytest.fixture
def service():
    """service(status): the address of a service that answers with this status, and the requests it got."""
    servers, asked = [], []

    def start(status):
        class Listener(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append((self.path, self.headers["Authorization"], body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b'{"predictions": []}')

            def log_message(self, *_):
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Listener))
        threading.Thread(target=servers[-1].serve_forever).start()
        return f"http://127.0.0.1:{servers[-1].server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_probe_sends_one_row_with_every_column_of_the_contract(service, command, forecast, monkeypatch):
    monkeypatch.setenv("PROBE_TOKEN", "secret\n")  # as pasted
    address, asked = service(200)

    answer = command("probe", "--url", address)

    ((path, token, body),) = asked
    features = odcs.load(forecast.contracts / "features.yaml")
    assert (answer.code, answer.out) == (0, '{"predictions": []}\n')
    assert (path, token) == ("/v1/predict", "Bearer secret")
    assert [list(row) for row in body["rows"]] == [list(features.sql_types)]


def test_a_probe_fails_on_an_error_status(service, command):
    address, _ = service(503)

    answer = command("probe", "--url", address)

    assert answer.code == 1
    assert "error[OP006]" in answer.err
    assert "503" in answer.err


def test_a_probe_fails_without_a_service(command):
    answer = command("probe", "--url", "http://127.0.0.1:1")

    assert answer.code == 1
    assert "error[OP006] http://127.0.0.1:1 does not answer" in answer.err


def test_another_service_is_not_taken_for_prometheus(service, command):
    address, _ = service(200)  # it does not support GET

    answer = command("canary", "judge", "--stable", "1", "--canary", "2", "--prometheus", address)

    assert answer.code == 3
    assert f"error[OP010] {address} does not answer as Prometheus does" in answer.err


@pytest.fixture
def address(request):
    """The address of a server that answers with these bytes; or the parameter, if it is an address."""
    if isinstance(request.param, str):
        yield request.param
        return

    class Listener(socketserver.StreamRequestHandler):
        def handle(self):
            self.rfile.readline()
            self.wfile.write(request.param)

    with socketserver.TCPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


ANSWERS = {
    "no port": "http://127.0.0.1:9090x",
    "no HTTP": b"220 mail.example.com\r\n",
    "an answer that breaks off": b"HTTP/1.1 503 Busy\r\ncontent-length: 10\r\n\r\nabc",
}


@pytest.mark.parametrize("address", ANSWERS.values(), ids=ANSWERS, indirect=True)
def test_an_address_without_http_counts_as_no_answer(command, address):
    judged = command("canary", "judge", "--stable", "1", "--canary", "2", "--prometheus", address)
    probed = command("probe", "--url", address)

    assert (judged.code, probed.code) == (3, 1)
    assert f"error[OP010] {address} does not answer as Prometheus does" in judged.err
    assert f"error[OP006] {address} does not answer" in probed.err

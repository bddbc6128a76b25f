# The template's file: edits here meet template updates (copier update merges them).
"""A probe asks as a user would, and says when it gets no answer."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from << cookiecutter.__package >> import cli, settings
from << cookiecutter.__package >>.kit import odcs


@pytest.fixture
def service():
    """service(status): the address of a service that answers so, and the requests it got."""
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


@pytest.fixture
def probe(monkeypatch, capsys):
    def call(url):
        monkeypatch.setattr(sys, "argv", ["x", "probe", "--url", url])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        told = capsys.readouterr()
        return int(exit_.value.code or 0), told.out, told.err

    return call


def test_one_row_with_every_column_of_the_contract_is_asked_for(service, probe, monkeypatch):
    monkeypatch.setenv("PROBE_TOKEN", "secret")
    address, asked = service(200)

    code, out, _ = probe(address)

    ((path, token, body),) = asked
    features = odcs.load(settings.PACKAGE / "contracts" / "features.yaml")
    assert (code, out) == (0, '{"predictions": []}\n')
    assert (path, token) == ("/v1/predict", "Bearer secret")
    assert [list(row) for row in body["rows"]] == [list(features.sql_types)]


def test_an_answer_that_is_an_error_fails(service, probe):
    address, _ = service(503)

    code, _, err = probe(address)

    assert code == 1
    assert "error[OP006]" in err
    assert "503" in err


def test_no_service_at_all_fails(probe):
    code, _, err = probe("http://127.0.0.1:1")

    assert code == 1
    assert "error[OP006] http://127.0.0.1:1 does not answer" in err

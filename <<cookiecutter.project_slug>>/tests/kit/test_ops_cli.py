# The template's file: edits here meet template updates (copier update merges them).
"""The commands of operation as a user sees them: results, messages, exit codes."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from << cookiecutter.__package >> import settings
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
def ops(tmp_path, monkeypatch):
    """The product's folder ops, to be edited, where no tool of Prometheus is installed."""
    monkeypatch.setenv(f"{settings.PREFIX}HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    return shutil.copytree(settings.PACKAGE.parents[1] / "ops", tmp_path / "ops")


def test_alerts_that_no_tool_could_test_are_not_green(ops, command):
    code, _, err = command("slo", "check")

    assert code == 3
    assert "error[OP004] promtool is not on the PATH: the alerts were NOT RUN" in err
    assert "apt install prometheus" in err


def test_files_that_are_stale_are_told_with_the_difference_until_they_are_rendered(ops, command):
    rules = ops / "generated" / "rules" / "availability.yml"
    text = rules.read_text()
    rules.write_text(text.replace("ratio_rate5m", "ratio_rate9m", 1))
    (ops / "generated" / "stray.yml").write_text("x\n")

    stale = command("slo", "check")
    rendered = command("slo", "render")
    fresh = command("slo", "check")

    assert stale[0] == 1
    assert "error[OP003]" in stale[2]
    assert "--- rules/availability.yml" in stale[2]
    assert "-      - record: slo:sli_error:ratio_rate9m" in stale[2]
    assert (rendered[0], fresh[0]) == (0, 3)
    assert rules.read_text() == text
    assert not (ops / "generated" / "stray.yml").exists()


def test_objectives_that_cannot_be_read_leave_what_was_rendered(ops, command):
    (ops / "slo.yaml").write_text("kind: [")

    code, _, err = command("slo", "render")

    assert code == 2
    assert f"error[OP001] {ops}/slo.yaml cannot be read" in err
    assert (ops / "generated" / "alertmanager.yml").exists()


def test_one_row_with_every_column_of_the_contract_is_asked_for(service, command, monkeypatch):
    monkeypatch.setenv("PROBE_TOKEN", "secret")
    address, asked = service(200)

    code, out, _ = command("probe", "--url", address)

    ((path, token, body),) = asked
    features = odcs.load(settings.PACKAGE / "contracts" / "features.yaml")
    assert (code, out) == (0, '{"predictions": []}\n')
    assert (path, token) == ("/v1/predict", "Bearer secret")
    assert [list(row) for row in body["rows"]] == [list(features.sql_types)]


def test_an_answer_that_is_an_error_fails(service, command):
    address, _ = service(503)

    code, _, err = command("probe", "--url", address)

    assert code == 1
    assert "error[OP006]" in err
    assert "503" in err


def test_no_service_at_all_fails(command):
    code, _, err = command("probe", "--url", "http://127.0.0.1:1")

    assert code == 1
    assert "error[OP006] http://127.0.0.1:1 does not answer" in err


def test_where_no_prometheus_answers_nothing_is_known_of_the_objectives(command):
    code, out, err = command("status", "--slo", "--prometheus", "http://127.0.0.1:1")

    assert (code, out) == (3, "")
    assert "error[OP010] http://127.0.0.1:1 does not answer as Prometheus does" in err
    assert "--prometheus" in err


def test_something_else_that_answers_is_no_prometheus(service, command):
    address, _ = service(200)  # it takes no GET

    code, _, err = command("canary", "judge", "--stable", "1", "--canary", "2", "--prometheus", address)

    assert code == 3
    assert f"error[OP010] {address} does not answer as Prometheus does" in err

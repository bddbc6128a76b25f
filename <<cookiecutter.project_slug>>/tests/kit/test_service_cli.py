# The template's file: edits here meet template updates (copier update merges them).
"""The commands about a service that runs, and what may be promised of it."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from << cookiecutter.__package >> import ops_cli
from << cookiecutter.__package >>.kit import COMMAND
from << cookiecutter.__package >>.settings import contract


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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('http_route="/v1/predict"', 'http_route="/v1/predct"', "no http_route of http_server_request"),
        ('code=~"5.."', 'code=~"6.."', "no http_response_status_code of http_server_request_duration"),
        ('job="{name}"', 'job="elsewhere"', "is 'elsewhere', there is: {name}"),
        (
            'outcome="bad"',
            'outcome="worse"',
            "no outcome of product_rows_total is 'worse', there is: good, bad",
        ),
    ],
    ids=["a path", "a status", "a job", "an outcome"],
)
def test_a_series_that_cannot_be_is_refused_before_an_alert_waits_for_it(ops, command, old, new, message):
    slo = ops / "slo.yaml"
    old, message = (each.replace("{name}", COMMAND) for each in (old, message))
    assert old in slo.read_text()
    slo.write_text(slo.read_text().replace(old, new))

    code, _, err = command("slo", "check")

    assert code == 2
    assert "error[OP002]" in err
    assert message in err


def test_a_limit_between_two_buckets_is_refused(ops, command):
    total = f'http_server_request_duration_seconds_count{{job="{COMMAND}"}}'
    bucket = f'http_server_request_duration_seconds_bucket{{job="{COMMAND}",le="0.3"}}'
    text = (ops / "slo.yaml").read_text()
    metrics = "{{metricSource: {{type: Prometheus, spec: {{query: '{}'}}}}}}"
    slo = yaml.safe_load_all(text)
    (found,) = (each for each in slo if each["metadata"]["name"] == "availability")
    ratio = found["spec"]["indicator"]["spec"]["ratioMetric"]
    del ratio["bad"]
    ratio |= {name: yaml.safe_load(metrics.format(q)) for name, q in (("good", bucket), ("total", total))}
    found["metadata"]["name"] = "in-time"
    (ops / "slo.yaml").write_text(f"{text}---\n{yaml.safe_dump(found)}")

    code, _, err = command("slo", "check")

    assert code == 2
    assert "in-time: no le of http_server_request_duration_seconds_bucket is '0.3'" in err


def test_an_endpoint_of_the_team_may_be_promised_something(ops, command):
    slo = ops / "slo.yaml"
    slo.write_text(slo.read_text().replace('"/v1/predict"', '"/v1/threshold"'))

    code, out, _ = command("slo", "render")

    assert (code, out.endswith("files\n")) == (0, True)


def test_one_row_with_every_column_of_the_contract_is_asked_for(service, command, monkeypatch):
    monkeypatch.setenv("PROBE_TOKEN", "secret\n")  # as it is pasted
    address, asked = service(200)

    code, out, _ = command("probe", "--url", address)

    ((path, token, body),) = asked
    features = contract("features")
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


def test_something_else_that_answers_is_no_prometheus(service, command):
    address, _ = service(200)  # it takes no GET

    code, _, err = command("canary", "judge", "--stable", "1", "--canary", "2", "--prometheus", address)

    assert code == 3
    assert f"error[OP010] {address} does not answer as Prometheus does" in err


@pytest.fixture
def address(request):
    """The address of something that answers with these bytes; where it is an address already, that."""
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
def test_an_address_that_cannot_be_asked_by_http_does_not_answer(command, address):
    judged = command("canary", "judge", "--stable", "1", "--canary", "2", "--prometheus", address)
    probed = command("probe", "--url", address)

    assert (judged[0], probed[0]) == (3, 1)
    assert f"error[OP010] {address} does not answer as Prometheus does" in judged[2]
    assert f"error[OP006] {address} does not answer" in probed[2]


def test_drift_is_told_above_the_limit_that_the_contract_names():
    features = contract("features")

    limits = {o.limit for o in ops_cli.promise().objectives if "product_drift_psi" in o.query}

    assert limits <= {features.drift_limit}

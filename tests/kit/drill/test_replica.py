"""The requests of a drill: rows of the store, rows that lack a column, and rows as no training saw them."""

import json
import subprocess
import sys
import time
from contextlib import closing, suppress
from types import SimpleNamespace

import pytest

from datadevops.contract import odcs
from datadevops.drill import replica, traffic
from datadevops.drill.stack import DrillError
from datadevops.telemetry.service_metrics import PREDICT
from runs import rows


@pytest.fixture(scope="module")
def features(forecast):
    return odcs.load(forecast.contracts / "features.yaml")


@pytest.fixture(scope="module")
def sent(features, run_once, forecast):
    """The rows of each request, by kind of request."""
    made = replica.requests(features, run_once(forecast).store)
    return {kind: [body(each)["rows"] for each in requests] for kind, requests in made.items()}


def body(request):
    head, _, text = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST {PREDICT} HTTP/1.1\r\n".encode())
    assert f"content-length: {len(text)}".encode() in head
    return json.loads(text)


def keys(requests):
    return [(row["shop"], row["opened_at"]) for request in requests for row in request if "shop" in row]


def test_no_request_is_empty_and_those_of_a_kind_are_equally_long(sent):
    for requests in sent.values():
        assert {len(request) for request in requests} == {len(requests[0])}
        assert len(requests[0]) > 1
    assert len(sent["brief"][0]) < len(sent["usual"][0])


def test_usual_requests_are_rows_of_the_store_each_once(sent, features, run_once, forecast):
    (file,) = run_once(forecast).store.glob("features/*/features.parquet")
    known = {(shop, at.isoformat()) for shop, at in rows(f"select shop, opened_at from '{file}'")}

    for kind in ("usual", "brief"):
        found = keys(sent[kind])
        assert len(found) == len({*found}) >= 1000
        assert {*found} <= known
        assert {tuple(row) for request in sent[kind] for row in request} == {tuple(features.sql_types)}


def test_half_of_the_rows_of_bad_requests_lack_one_column(sent, features):
    lacking = [len(features.sql_types) - len(row) for request in sent["bad"] for row in request]

    assert {*lacking} == {0, 1}
    assert sum(lacking) == len(lacking) / 2


def test_shifted_requests_have_each_column_and_no_row_of_the_usual_ones(sent, features):
    usual, shifted = (
        {tuple(row.items()) for request in sent[kind] for row in request} for kind in ("usual", "shifted")
    )

    assert {tuple(name for name, _ in row) for row in shifted} == {tuple(features.sql_types)}
    assert len(shifted) == len(usual)
    assert not shifted & usual


PROGRAM = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

asked = dict(zip(sys.argv[2::2], sys.argv[3::2]))
port, inner = asked["--port"], asked["--management-port"]

class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with Path(port).open("a") as file:
            file.write("asked ")
        self.answer()

    def answer(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"42")

    def log_message(self, *_):
        pass

Thread(target=ThreadingHTTPServer(("127.0.0.1", int(port)), Service).serve_forever).start()
ThreadingHTTPServer(("127.0.0.1", int(inner)), Service).serve_forever()
"""


class Bench:
    """What a replica needs of a stack; a program of this test stands in for the service."""

    output = "its output"

    def __init__(self, folder, program=PROGRAM):
        self.folder, self._program, self.started = folder, program, []
        self.plan = SimpleNamespace(objectives=SimpleNamespace(service={"name": "shops"}))

    def command(self, *words):
        started = subprocess.Popen([sys.executable, "-c", self._program, *words], cwd=self.folder)
        self.started.append(started)
        return started

    def wait(self, true, what):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(OSError):  # no answer yet
                if true():
                    return
            time.sleep(0.05)
        raise TimeoutError(what)

    def asked(self):
        """How many requests came to each port."""
        return {path.name: path.read_text().count("asked") for path in self.folder.iterdir()}


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.wait()


REQUESTS = {"usual": [traffic.request(b"{}")], "brief": [traffic.request(b"[]")]}


def test_callers_follow_a_replica_that_is_replaced_and_the_old_one_ends(bench):
    mine = replica.Replica(bench, REQUESTS)
    with closing(mine):
        mine.heal()
        bench.wait(lambda: sum(bench.asked().values()) > 99, "requests")
        (first,) = bench.asked()
        mine.replace()
        bench.wait(lambda: len(bench.asked()) == 2, "requests to the other port")
        mine.replace()
        before = bench.asked()[first]
        bench.wait(lambda: bench.asked()[first] > before + 99, "requests to the first port again")

    *old, new = bench.started
    assert [process.poll() is None for process in (*old, new)] == [False, False, True]
    assert mine.process is new
    assert len(mine.targets) == len({*mine.targets}) == 2
    assert not {target.rpartition(":")[2] for target in mine.targets} & bench.asked().keys()


def test_a_replica_rests_and_heals_with_brief_requests(bench):
    mine = replica.Replica(bench, REQUESTS)
    with closing(mine):
        assert mine.traffic.requests == REQUESTS["usual"]
        mine.rest()
        resting = mine.traffic.pause
        mine.heal()

    assert resting > traffic.USUAL > mine.traffic.pause == 0
    assert mine.traffic.requests == REQUESTS["brief"]
    assert mine.traffic.together > 1


def test_a_service_that_ends_at_once_is_told_with_its_output(tmp_path):
    with pytest.raises(DrillError, match=r"^the product exited at once\nits output$"):
        replica.Replica(Bench(tmp_path, "pass"), REQUESTS)

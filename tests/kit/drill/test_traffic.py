"""The callers of a drill read what was sent to them, however it is cut."""

import socket
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from datadevops.drill import traffic

ANSWERS = b"".join(
    b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    for status, body in ((200, b"one"), (503, b""), (422, b"a longer one\r\n\r\n"))
)


@pytest.fixture
def ends():
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(5)
        yield here, there


@pytest.mark.parametrize("cut", [1, 20, len(ANSWERS) - 1])
def test_answers_to_requests_sent_together_are_read_one_by_one(ends, cut):
    here, there = ends
    there.sendall(ANSWERS[:cut])
    there.sendall(ANSWERS[cut:])

    traffic.read(here, 3)

    there.sendall(b"!")
    assert here.recv(10) == b"!"


def test_a_connection_that_ends_before_its_answer_is_an_error(ends):
    here, there = ends
    there.sendall(ANSWERS[:-1])
    there.shutdown(socket.SHUT_WR)

    with pytest.raises(ConnectionError):
        traffic.read(here, 3)


def wait(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


@contextmanager
def serving():
    """A server that answers as soon as `at_once` requests have begun; `done` are those that it has whole."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.server.begun.append(self.path)
            wait(lambda: len(self.server.begun) >= self.server.at_once)
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.done.append((self.path, self.headers["content-type"], body))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.at_once, server.begun, server.done = 1, [], []
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


WHOLE = ("/v1/predict", "application/json", b'{"rows": []}')


@pytest.fixture
def callers():
    """The callers of a drill, in a hurry; at their port nobody listens yet."""
    with closing(traffic.Traffic(1, [traffic.request(WHOLE[2])])) as found:
        found.pause = 0.01
        yield found


def test_callers_send_whole_requests_again_and_again_and_follow_a_service_that_moves(callers):
    with serving() as first, serving() as second:
        callers.port = first.server_port
        wait(lambda: len(first.done) > 2 * traffic.CALLERS)
        callers.port = second.server_port
        wait(lambda: len(second.done) > 2 * traffic.CALLERS)
        before = len(first.done)
        wait(lambda: len(second.done) > 8 * traffic.CALLERS)

        assert len(first.done) - before <= traffic.CALLERS
        assert {*first.done, *second.done} == {WHOLE}


@pytest.fixture
def idle(callers):
    """Callers that send nothing by themselves any more, and a server."""
    with serving() as server:
        callers.close()
        callers.port = server.server_port
        yield callers, server


def test_the_requests_of_a_burst_have_all_begun_before_the_first_is_answered(idle):
    callers, server = idle
    server.at_once = 4

    callers.send_burst(4)

    assert server.done == [WHOLE] * 4


def test_requests_that_a_pause_meets_are_completed_in_it_and_answered_afterwards(idle):
    callers, server = idle
    seen = []

    @contextmanager
    def pause():
        wait(lambda: len(server.begun) == 4)
        seen.append(len(server.done))
        yield
        wait(lambda: len(server.done) == 4)

    callers.send_into(pause(), 4)

    assert (seen, server.done) == ([0], [WHOLE] * 4)

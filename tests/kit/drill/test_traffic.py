"""The callers of a drill read what was sent to them, however it is cut."""

import socket

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

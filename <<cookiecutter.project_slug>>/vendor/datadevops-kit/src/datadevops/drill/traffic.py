"""Callers of the service, for a drill: plain sockets, so that two processors can ask often enough.

In:       requests as `request` makes them, the port to ask at; both may change while they ask.
Out:      requests, until it is closed. What is answered is for the service's own metrics to say.
"""

import random
import re
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from threading import Event, Thread

from ..telemetry.service_metrics import PREDICT

CALLERS = 8
USUAL = 0.5  # seconds between two requests of a caller: about 16 requests a second of all
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def request(body: bytes) -> bytes:
    head = f"POST {PREDICT} HTTP/1.1\r\nhost: drill\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


class Traffic:
    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.port, self.requests, self.pause = port, requests, USUAL
        self._closed = Event()
        self._threads = [Thread(target=self._call) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        while not self._closed.wait(0.1):
            port = self.port
            with suppress(OSError), self._connect() as connection:  # down or slow: Prometheus will see
                while port == self.port and not self._pause():
                    connection.sendall(random.choice(self.requests))  # noqa: S311 - no secret
                    read(connection)

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def _pause(self) -> bool:
        """Whether it was closed in the meantime."""
        return self._closed.wait(self.pause * random.uniform(0.5, 1.5))  # noqa: S311

    def send_burst(self, callers: int) -> None:
        """So many at the same moment: the last one has begun to send before the first one is done."""
        sent = self.requests[0]
        with suppress(OSError), ExitStack() as opened:  # refused and hung up: also an answer
            connections = [opened.enter_context(self._connect()) for _ in range(callers)]
            for connection in connections:
                connection.sendall(sent[:-1])
            for connection in connections:
                connection.sendall(sent[-1:])
                read(connection)


def read(connection: socket.socket) -> None:
    """One answer, whatever it says."""
    got, length = b"", None
    while length is None or len(got.partition(b"\r\n\r\n")[2]) < length:
        if not (more := connection.recv(65536)):
            raise ConnectionError("hung up")
        got += more
        if b"\r\n\r\n" in got and (found := LENGTH.search(got)):
            length = int(found[1])

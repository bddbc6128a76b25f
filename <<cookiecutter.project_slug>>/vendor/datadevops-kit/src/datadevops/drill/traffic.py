"""Callers of the service, for a drill: plain sockets, so that two cores can send enough requests.

In:       requests made by `request`, the port to send them to; both may change meanwhile.
Out:      requests, until it is closed. The service's own metrics measure the answers.
"""

import random
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from threading import Event, Thread

from ..telemetry.service_metrics import PREDICT

CALLERS = 8
USUAL = 0.5  # seconds between two requests of a caller: about 16 requests per second in total
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def request(body: bytes) -> bytes:
    head = f"POST {PREDICT} HTTP/1.1\r\nhost: drill\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


class Traffic:
    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.port, self.requests, self.pause = port, requests, USUAL
        self.together = 1  # requests that a caller sends before it reads the answers
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
            with suppress(OSError), self._connect() as connection:  # down or slow: Prometheus measures it
                while port == self.port and not self._pause():
                    count = self.together
                    connection.sendall(b"".join(random.choices(self.requests, k=count)))  # noqa: S311
                    read(connection, count)

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def _pause(self) -> bool:
        """Wait between two requests; returns whether it was closed."""
        return self._closed.wait(self.pause * random.uniform(0.5, 1.5))  # noqa: S311

    def send_burst(self, callers: int) -> None:
        """Send requests at once: the last caller starts sending before the first one finishes."""
        with suppress(OSError), self._begun(callers) as begun:
            for connection, rest in begun:  # one by one, so that the others are in flight meanwhile
                connection.sendall(rest)
                read(connection)

    def send_into(self, pause: AbstractContextManager[None], callers: int) -> None:
        """Send requests that are begun before a pause of the service, and complete only in it."""
        with suppress(OSError), self._begun(callers) as begun:
            with pause:
                for connection, rest in begun:
                    connection.sendall(rest)
            for connection, _ in begun:
                read(connection)

    @contextmanager
    def _begun(self, callers: int) -> Iterator[list[tuple[socket.socket, bytes]]]:
        """Requests that lack their last byte. To be refused or disconnected counts as an answer."""
        sent = random.choices(self.requests, k=callers)  # noqa: S311
        with ExitStack() as opened:
            begun = [(opened.enter_context(self._connect()), request[-1:]) for request in sent]
            for (connection, _), request in zip(begun, sent, strict=True):
                connection.sendall(request[:-1])
            yield begun


def read(connection: socket.socket, answers: int = 1) -> None:
    """Read so many answers, whatever their status."""
    got = b""
    while answers:
        head, ends, rest = got.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if ends else None
        if length and len(rest) >= int(length[1]):
            got, answers = rest[int(length[1]) :], answers - 1
            continue
        if not (more := connection.recv(65536)):
            raise ConnectionError("hung up")
        got += more

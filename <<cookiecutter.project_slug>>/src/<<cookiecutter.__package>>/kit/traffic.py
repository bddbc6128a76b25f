# The template's file: edits here meet template updates (copier update merges them).
"""Callers of the service, for a drill.

In:       bodies of requests, the port to ask at; both may change while they ask.
Out:      requests, until it is closed. What is answered is for the service's own metrics to say.
"""

import random
import socket
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread

from .telemetry import PREDICT

CALLERS = 8
USUAL = 0.4  # seconds between two requests of a caller: about 20 requests a second of all
HEADERS = {"content-type": "application/json"}


class Traffic:
    def __init__(self, port: int, bodies: Sequence[bytes]) -> None:
        self.port, self.bodies, self.pause = port, bodies, USUAL
        self._closed = Event()
        self._threads = [Thread(target=self._ask) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        port, connection = 0, HTTPConnection("127.0.0.1")
        while not self._closed.wait(self.pause * random.uniform(0.5, 1.5)):  # noqa: S311 - no secret
            try:
                if port != self.port:
                    connection.close()
                    port, connection = self.port, HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("POST", PREDICT, random.choice(self.bodies), HEADERS)  # noqa: S311
                connection.getresponse().read()
            except (OSError, HTTPException):  # it is down or slow: that is for Prometheus to see
                port = 0
                self._closed.wait(0.1)
        connection.close()

    def burst(self, callers: int) -> None:
        """So many at the same moment: each has begun to send before the first one is done."""
        body = self.bodies[0]
        head = (
            f"POST {PREDICT} HTTP/1.1\r\nhost: drill\r\nconnection: close\r\ncontent-length: {len(body)}\r\n"
        )
        sent = (head + "content-type: application/json\r\n\r\n").encode() + body
        connections = [socket.create_connection(("127.0.0.1", self.port), timeout=5) for _ in range(callers)]
        try:
            for connection in connections:
                connection.sendall(sent[:-1])
            for connection in connections:
                connection.sendall(sent[-1:])
                while connection.recv(65536):
                    pass
        except OSError:  # refused and hung up: also an answer
            pass
        finally:
            for connection in connections:
                connection.close()

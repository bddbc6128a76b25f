"""Receive every alert of a drill, and serve the metrics of its job.

In:       the file that the job writes its metrics to.
Out:      an address. Alertmanager posts there; each alert is kept with the address that it has in
          production. Prometheus scrapes the job's metrics there, aged as the drill needs.
"""

import json
import re
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple


class Notification(NamedTuple):
    address: str  # where production would send it
    alert: Mapping[str, Any]  # as Alertmanager sends it
    group: str  # alerts of one group are one incident

    @property
    def name(self) -> str:
        return str(self.alert["labels"]["alertname"])


@contextmanager
def listening(figures: Path, received: list[Notification], late: Callable[[], float]) -> Iterator[str]:
    """The address; `late`: seconds by which the metrics are made older."""

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            address = urllib.parse.unquote(self.path[1:])
            received.extend(Notification(address, alert, body["groupKey"]) for alert in body["alerts"])
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            text = figures.read_text(encoding="utf-8")
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(aged(text, late()).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def aged(text: str, seconds: float) -> str:
    """The metrics, as if so many seconds had passed.

    >>> aged('x_timestamp_seconds{product="a"} 1000.0', 300)
    'x_timestamp_seconds{product="a"} 700.0'
    """
    times = re.compile(r"^(\w+_timestamp_seconds\{.*\} )(\S+)$", re.MULTILINE)
    return times.sub(lambda found: f"{found[1]}{float(found[2]) - seconds}", text)

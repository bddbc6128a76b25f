"""Receive every alert of a drill, and serve the metrics of its job.

In:       the file that the job writes its metrics to.
Out:      an address. Alertmanager posts there; each alert is kept with the address that it has in
          production. Prometheus scrapes the job's metrics there: the newest rows count as from this
          moment, however old the sample is; then all times are made as old as the fault needs.
"""

import json
import re
import time
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
            self.wfile.write(aged(text, late(), time.time()).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def aged(text: str, late: float, now: float) -> str:
    """The metrics, as if the newest rows had come `now` and then `late` seconds had passed.

    >>> aged('x_newest_timestamp_seconds{dataset="a"} 1000.0', 300, now=9000.0)
    'x_newest_timestamp_seconds{dataset="a"} 8700.0'
    >>> aged('x_last_success_timestamp_seconds{product="a"} 8990.0', 300, now=9000.0)
    'x_last_success_timestamp_seconds{product="a"} 8690.0'
    """
    times = re.compile(r"^(\w+_timestamp_seconds\{.*\} )(\S+)$", re.MULTILINE)

    def older(found: re.Match[str]) -> str:
        of_rows = found[1].partition("{")[0].endswith("_newest_timestamp_seconds")
        return f"{found[1]}{(now if of_rows else float(found[2])) - late}"

    return times.sub(older, text)

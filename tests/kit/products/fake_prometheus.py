"""A server that answers queries as Prometheus does.

In:       a function that gives the samples for a query: labels and value of each.
Out:      the server, which keeps the queries in `asked`.
Failure:  none.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        (query,) = parse_qs(urlsplit(self.path).query)["query"]
        self.server.asked.append(query)
        found = self.server.samples_for(query)
        result = [{"metric": labels, "value": [0, str(value)]} for labels, value in found]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": {"result": result}}).encode())

    def log_message(self, *_):
        pass


@contextmanager
def serving(samples_for):
    """samples_for(query): [({"job": "shop"}, 1.0), ...]"""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.samples_for, server.asked = samples_for, []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

"""The service in a drill: one replica that answers normal requests, and ports for its replacement.

In:       a stack; the contract of the features.
Out:      a `Replica`; usual, brief, bad and shifted requests.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from operator import methodcaller
from pathlib import Path

from ..contract import synthetic
from ..contract.kinds import listed
from ..contract.values import Contract
from ..engine.duckdb_engine import DuckDB
from ..telemetry import prometheus
from . import traffic
from .processes import end, free_port
from .stack import DrillError, Stack

TOGETHER = 16  # requests without waiting for the answer: both sides do more for the same time
ROWS, REQUESTS = 20, 100  # rows per request; number of different requests


class Replica:
    def __init__(self, stack: Stack, requests: Mapping[str, Sequence[bytes]]) -> None:
        self.requests = requests
        self._stack = stack
        self._spares = [(free_port(), free_port()) for _ in range(2)]  # of two replicas, one of them down
        self.targets = [f"127.0.0.1:{inner}" for _, inner in self._spares]
        name = stack.plan.objectives.service["name"]
        self.seen = f'increase(http_server_request_duration_seconds_count{{job="{name}"}}[1h]) > 0'
        self._serve()
        self.traffic = traffic.Traffic(self._spares[0][0], requests["usual"])

    def close(self) -> None:
        self.traffic.close()

    def rest(self) -> None:
        """Send few requests while the fault is repaired: each that fails has to be outweighed by `heal`."""
        self.traffic.pause = 5

    def heal(self) -> None:
        """Send good requests as fast as possible, so that the share of failures falls soon."""
        self.traffic.requests, self.traffic.pause = self.requests["brief"], 0
        self.traffic.together = TOGETHER

    def replace(self) -> None:
        """Replace the process as a deployment does: the old one ends when the new one runs."""
        old = self.process
        self._serve()
        self.traffic.port = self._spares[0][0]
        end(old)

    def _serve(self) -> None:
        self._spares.append(self._spares.pop(0))
        port, inner = map(str, self._spares[0])
        ports = ["--port", port, "--management-port", inner, "--drain-seconds", "0"]
        self.process = self._stack.command("serve", *ports)

        def lives() -> object:
            if self.process.poll() is not None:
                raise DrillError(f"the product exited at once\n{self._stack.output}")
            return prometheus.fetch(f"http://127.0.0.1:{inner}/livez")

        self._stack.wait(lives, "the product")


def requests(features: Contract, store: Path) -> dict[str, list[bytes]]:
    """Requests by kind. Rows come from the store, the shifted ones are made up within the contract. Half of
    the bad rows lack a column."""
    (made,) = store.glob("features/*/features.parquet")
    with DuckDB() as engine:
        engine.read("features", made)
        columns = listed(features.sql_types)
        sample = f"select {columns} from features using sample {ROWS * REQUESTS} rows (reservoir, 0)"
        tables = engine.rows(sample), engine.rows(synthetic.sql(features, ROWS * REQUESTS))
    usual, shifted = ([dict(zip(features.sql_types, row, strict=True)) for row in rows] for rows in tables)
    bad = [row if place % 2 else dict(list(row.items())[1:]) for place, row in enumerate(usual)]
    sizes = {"usual": (usual, ROWS), "brief": (usual, 5)}
    sizes |= {"shifted": (shifted, ROWS), "bad": (bad, 4)}
    return {name: list(cut(*each)) for name, each in sizes.items()}


def cut(rows: Sequence[object], size: int) -> Iterator[bytes]:
    for first in range(0, len(rows), size):
        body = {"rows": rows[first : first + size]}
        yield traffic.request(json.dumps(body, default=methodcaller("isoformat")).encode())

# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit[test]"]
# [tool.uv.sources]
# datadevops-kit = { path = "../kit" }
# ///
"""The main job of a data pipeline against the sum of its SQL statements: what all else takes.

    uv run benchmarks/overhead.py [ROWS]

1e7 rows if none are said, hourly, of a thousand stations. Limit: the statements themselves. Aim: everything
else takes at most 15 % on top of them.
"""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import stations
from datadevops import testing
from datadevops.contract import odcs


class Timed:
    """A connection to DuckDB whose statements, and what is fetched of them, add to `seconds`."""

    seconds = 0.0

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)

        def call(*words: Any, **options: Any) -> Any:
            begin = time.perf_counter()
            try:
                result = method(*words, **options)
            finally:
                Timed.seconds += time.perf_counter() - begin
            return Timed(result) if isinstance(result, duckdb.DuckDBPyConnection) else result

        return call


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        product = stations.product(folder, "data-pipeline")
        files = stations.write(product, rows, folder)
        (package,) = product.glob("src/*")
        sys.path.insert(0, str(package.parent))
        connect, load = duckdb.connect, odcs.load_all
        odcs.load_all = lambda place: {name: stations.many(each) for name, each in load(place).items()}
        duckdb.connect = lambda **options: Timed(connect(**options))
        begin = time.perf_counter()
        ran = testing.run(import_module(package.name).PRODUCT, folder, files)
        whole = time.perf_counter() - begin
    partitions = len(ran.report.facts["made"])
    print(f"{rows:,} rows, {partitions} months: {whole:.1f} s, its SQL {Timed.seconds:.1f} s")
    print(f"ratio {whole / Timed.seconds:.2f} (aim: at most 1.15)")


if __name__ == "__main__":
    main()

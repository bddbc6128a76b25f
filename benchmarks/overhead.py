"""The main job of a data pipeline against the sum of its SQL statements: what all else takes.

Run it with the Python of a baked data pipeline; a number of rows may follow (1e7 if none does). The
rows are hourly, of a thousand stations.
Limit: the statements themselves. Aim: everything else takes at most 15 % on top of them.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
from stations import many

(PACKAGE,) = {path.parents[1].name for path in Path(sys.prefix).parent.glob("src/*/kit/engine.py")}
engine, odcs, synth = (import_module(f"{PACKAGE}.kit.{n}") for n in ("engine", "odcs", "synth"))
pipeline = import_module(f"{PACKAGE}.pipeline")


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
    load = odcs.load_all
    odcs.load_all = lambda folder: {name: many(each) for name, each in load(folder).items()}
    source = odcs.load_all(Path(pipeline.__file__).parent / "contracts")["source"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with engine.DuckDB() as made:
            made.write(synth.sql(source, rows), folder / "source.parquet")
        connect = duckdb.connect
        duckdb.connect = lambda **options: Timed(connect(**options))
        begin = time.perf_counter()
        with engine.DuckDB() as timed:
            now = datetime.now(UTC)
            report = pipeline.run(timed, folder, folder / "source.parquet", now, lambda *_: None)
        whole = time.perf_counter() - begin
    months = len(report.facts["made"])
    print(f"{rows:,} rows, {months} months: {whole:.1f} s, its SQL {Timed.seconds:.1f} s")
    print(f"all else adds {whole / Timed.seconds - 1:.0%} (aim: at most 15 %)")


main()

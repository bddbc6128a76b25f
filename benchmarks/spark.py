# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit[spark]"]
# [tool.uv.sources]
# datadevops-kit = { path = "../kit" }
# ///
"""Our layer on Spark against the same SQL given to Spark directly, and both against DuckDB.

    uv run benchmarks/spark.py [ROWS]

1e6 rows if none are said, features of two joined sources of a model service; needs Java 17 or later. Aims:
our layer adds less than 10 % to Spark's own time; both engines give the same rows.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import stations
from datadevops.engine import dialect
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.engine.spark_engine import Spark

ROUNDS = 7


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def differing(ours: Path, others: Path) -> int:
    """Rows of the one that are not in the other, numbers to nine digits."""
    with DuckDB() as engine:
        for table, path in (("ours", ours), ("others", others)):
            engine.read(table, path)
        rounded = ", ".join(
            f"round({name}, 9) as {name}" if type_ == "DOUBLE" else name
            for name, type_ in engine.types("from ours").items()
        )
        one, other = (f"select {rounded} from {table}" for table in ("ours", "others"))
        return sum(
            int(engine.rows(f"select count(*) from ({a} except all {b})")[0][0])
            for a, b in ((one, other), (other, one))
        )


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as temporary, DuckDB() as duckdb:
        folder = Path(temporary)
        product = stations.product(folder)
        sql = stations.transform(product)
        files = stations.write(product, rows, folder)
        start = time.perf_counter()
        with Spark() as ours:
            print(f"Spark started in {time.perf_counter() - start:.1f} s")
            for engine in (ours, duckdb):
                for table, file in files.items():
                    engine.read(table, file)
            session, text = ours._session, dialect.translated(sql.read_text(encoding="utf-8"))

            def raw() -> None:
                session.sql(text).write.mode("overwrite").parquet(str(folder / "raw"))

            work: dict[str, Callable[[], object]] = {
                "Spark, SQL given directly": raw,
                "Spark, our layer": lambda: ours.transform(sql, folder / "ours.parquet"),
                "DuckDB, our layer": lambda: duckdb.transform(sql, folder / "duckdb.parquet"),
            }
            raw()  # the first statement pays for the start of the machinery
            found: dict[str, list[float]] = {name: [] for name in work}
            for _ in range(ROUNDS):
                for name, act in work.items():
                    found[name].append(seconds(act))
        differ = differing(folder / "ours.parquet", folder / "duckdb.parquet")
    middle = {name: median(times) for name, times in found.items()}
    for name, time_ in middle.items():
        each = " ".join(f"{one:.2f}" for one in sorted(found[name]))
        print(f"{rows:>12,} rows  {name:28} {time_:8.2f} s   of {each}")
    direct, layer, duck = middle.values()
    print(f"ratio our layer / Spark directly {layer / direct:.2f} (aim: below 1.1)")
    print(f"ratio Spark / DuckDB {layer / duck:.1f}; rows that differ: {differ:,} (aim: none)")


if __name__ == "__main__":
    main()

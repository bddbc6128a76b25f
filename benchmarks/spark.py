"""Our layer on Spark against the same SQL given to Spark directly, and both against DuckDB.

Run it with the Python of a baked product that has the extra `spark`; a number of rows may follow
(1e6 if none does). Aim: our layer adds less than 10 % to Spark's own time.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median

from stations import many

(PACKAGE,) = {path.parents[1].name for path in Path(sys.prefix).parent.glob("src/*/kit/engine.py")}
engine, spark, odcs, synth = (
    import_module(f"{PACKAGE}.kit.{name}") for name in ("engine", "spark", "odcs", "synth")
)
HOME = Path(import_module(PACKAGE).__file__).parent
SOURCE = many(odcs.load(HOME / "contracts" / "source.yaml"))
TRANSFORMS = sorted((HOME / "transforms").glob("*.sql"))
SQL = next(path for path in TRANSFORMS if path.stem in ("features", "dataset"))
ROUNDS = 7


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as temporary, engine.DuckDB() as duckdb:
        folder = Path(temporary)
        duckdb.write(synth.sql(SOURCE, rows), folder / "source.parquet")
        start = time.perf_counter()
        with spark.Spark() as ours:
            print(f"Spark started in {time.perf_counter() - start:.1f} s")
            for each in (ours, duckdb):
                each.read("source", folder / "source.parquet")
            session, text = ours._session, spark.translated(SQL.read_text())

            def raw() -> None:
                session.sql(text).write.mode("overwrite").parquet(str(folder / "raw"))

            work = {
                "Spark, SQL given directly": raw,
                "Spark, our layer": lambda: ours.transform(SQL, folder / "ours.parquet"),
                "DuckDB, our layer": lambda: duckdb.transform(SQL, folder / "duckdb.parquet"),
            }
            raw()  # the first statement pays for the start of the machinery
            taken = {name: [] for name in work}
            for _ in range(ROUNDS):
                for name, act in work.items():
                    taken[name].append(seconds(act))
    middle = {name: median(times) for name, times in taken.items()}
    for name, time_ in middle.items():
        each = " ".join(f"{one:.2f}" for one in sorted(taken[name]))
        print(f"{rows:>12,} rows  {name:28} {time_:8.2f} s   of {each}")
    direct, layer, duck = middle.values()
    print(f"our layer adds {layer / direct - 1:+.1%} (aim: under 10 %)")
    print(f"Spark takes {layer / duck:.1f} times as long as DuckDB")


main()

# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit"]
# [tool.uv.sources]
# datadevops-kit = { path = "../kit" }
# ///
"""Checks with quarantine, and features of two joined sources, against the same SQL given to DuckDB directly.

    uv run benchmarks/data.py [--rows 1e6 1e7] [--rounds 3]

Each side works in a process of its own, in turns; the best of them counts. The rows are hourly, of a
thousand stations. Limit: DuckDB. Aims: splitting at most 3 times one scan with the same predicates, 1e7 rows
within 1,000 MB; features at most 1.2 times the raw statement, 1e7 rows under 1,500 MB.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import stations
from datadevops.contract.predicates import predicates
from datadevops.contract.values import Contract
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import PARQUET, DuckDB

LIMIT, SPLIT_LIMIT = "1200MB", "700MB"


def split_by_us(contract: Contract, folder: Path) -> None:
    with DuckDB(SPLIT_LIMIT) as ours:
        ours.read(contract.name, folder / "sources" / f"{contract.name}.parquet")
        (folder / "out").mkdir(exist_ok=True)
        checks.split(ours, contract, folder / "out")


def scan_raw(contract: Contract, folder: Path) -> None:
    rules = dict(enumerate(predicates(contract).values()))
    marks = ", ".join(f"({rule}) as rule_{place}" for place, rule in rules.items())
    sums = ", ".join(f"count_if(rule_{place})" for place in rules)
    raw = duckdb.connect(config={"memory_limit": SPLIT_LIMIT, "temp_directory": str(folder)})
    rows = f"'{folder / 'sources' / contract.name}.parquet'"
    raw.execute(f"select {sums} from (select {marks} from {rows})").fetchall()


def features_by_us(sql: Path, folder: Path) -> None:
    with DuckDB(LIMIT) as ours:
        for file in (folder / "sources").iterdir():
            ours.read(file.stem, file)
        ours.transform(sql, folder / "features.parquet")


def features_raw(sql: Path, folder: Path) -> None:
    raw = duckdb.connect(config={"memory_limit": LIMIT, "temp_directory": str(folder)})
    for file in (folder / "sources").iterdir():
        raw.execute(f"create view {file.stem} as from '{file}'")
    raw.execute(f"copy ({sql.read_text(encoding='utf-8')}) to '{folder / 'raw.parquet'}' ({PARQUET})")


def measured(name: str, product: Path, folder: Path) -> list[float]:
    """Seconds and peak megabytes of one of the functions above, in a process of its own."""
    words = [sys.executable, __file__, "--only", name, str(product), str(folder)]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return json.loads(told)


def compare(product: Path, rows: int, rounds: int, ours: str, raw: str, aim: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "sources").mkdir()
        stations.write(product, rows, folder / "sources", bad_ratio=0.001)
        found: dict[str, list[list[float]]] = {ours: [], raw: []}
        for _ in range(rounds):
            for name, figures in found.items():
                figures.append(measured(name, product, folder))
    best = {name: min(figures) for name, figures in found.items()}
    for name, (seconds, megabytes) in best.items():
        print(f"{rows:>10,} rows  {name:16} {seconds:7.2f} s {megabytes:7.0f} MB")
    print(f"ratio {best[ours][0] / best[raw][0]:.2f} (aim: at most {aim})", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7])
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.only:
        name, product, folder = options.only[0], *map(Path, options.only[1:])
        of_sql = "features" in name
        given = stations.transform(product) if of_sql else stations.sources(product)[stations.MEASURED]
        start = time.perf_counter()
        globals()[name](given, folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([time.perf_counter() - start, peak]))
        return
    with tempfile.TemporaryDirectory() as temporary:
        product = stations.product(Path(temporary))
        for rows in map(int, options.rows):
            compare(product, rows, options.rounds, "split_by_us", "scan_raw", "3")
            compare(product, rows, options.rounds, "features_by_us", "features_raw", "1.2")


if __name__ == "__main__":
    main()

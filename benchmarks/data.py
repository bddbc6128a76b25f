"""Checks with quarantine, and features, against the same SQL given to DuckDB directly.

Run it with the Python of a baked model service; `--large` adds 5e7 rows. The rows are hourly, of a
thousand stations. Limit: DuckDB. Aims: splitting at most 3 times one scan with the same predicates,
within 1 GB; features at most 1.2 times the raw statement, 1e7 rows under 1.5 GB of memory, 5e7
under 4 GB; time that grows with the rows.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
from stations import many

(PACKAGE,) = {path.parents[1].name for path in Path(sys.prefix).parent.glob("src/*/kit/engine.py")}
engine, checks, odcs, synth, predicates = (
    import_module(f"{PACKAGE}.kit.{name}")
    for name in ("engine", "checks", "odcs", "synth", "predicates")
)
HOME = Path(import_module(PACKAGE).__file__).parent
SOURCE = many(odcs.load(HOME / "contracts" / "source.yaml"))
FEATURES = HOME / "transforms" / "features.sql"
LARGE = "--large" in sys.argv
LIMIT = "3500MB" if LARGE else "1200MB"
SPLIT_LIMIT = "700MB"


def split_by_us(folder: Path) -> None:
    with engine.DuckDB(SPLIT_LIMIT) as ours:
        ours.read("source", folder / "source.parquet")
        (folder / "out").mkdir(exist_ok=True)
        checks.split(ours, SOURCE, folder / "out")


def scan_raw(folder: Path) -> None:
    rules = dict(enumerate(predicates.predicates(SOURCE).values()))
    marks = ", ".join(f"({rule}) as rule_{place}" for place, rule in rules.items())
    sums = ", ".join(f"count_if(rule_{place})" for place in rules)
    raw = duckdb.connect(config={"memory_limit": SPLIT_LIMIT, "temp_directory": str(folder)})
    raw.execute(f"create view source as from '{folder / 'source.parquet'}'")
    raw.execute(f"select {sums} from (select {marks} from source)").fetchall()


def features_by_us(folder: Path) -> None:
    with engine.DuckDB(LIMIT) as ours:
        ours.read("source", folder / "source.parquet")
        ours.transform(FEATURES, folder / "features.parquet")


def features_raw(folder: Path) -> None:
    raw = duckdb.connect(config={"memory_limit": LIMIT, "temp_directory": str(folder)})
    raw.execute(f"create view source as from '{folder / 'source.parquet'}'")
    raw.execute(f"copy ({FEATURES.read_text()}) to '{folder / 'raw.parquet'}' ({engine.PARQUET})")


def measured(name: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one of the functions above, in a process of its own."""
    words = [sys.executable, __file__, name, str(folder), *["--large"] * LARGE]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    seconds, megabytes = json.loads(told)
    return seconds, megabytes


def compare(rows: int, ours: str, raw: str, rounds: int, aim: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with engine.DuckDB() as made:
            made.write(synth.sql(SOURCE, rows, bad_ratio=0.001), folder / "source.parquet")
        found: dict[str, list[Any]] = {ours: [], raw: []}
        for _ in range(rounds):
            for name in (ours, raw):
                found[name].append(measured(name, folder))
    best = {name: min(taken) for name, taken in found.items()}
    for name, (seconds, megabytes) in best.items():
        print(f"{rows:>10,} rows  {name:16} {seconds:7.2f} s {megabytes:7.0f} MB")
    print(f"ratio {best[ours][0] / best[raw][0]:.2f} (aim: {aim})")


def main() -> None:
    if len(sys.argv) > 2:
        start = time.perf_counter()
        globals()[sys.argv[1]](Path(sys.argv[2]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([time.perf_counter() - start, peak]))
        return
    compare(1_000_000, "split_by_us", "scan_raw", 3, "at most 3")
    compare(10_000_000, "split_by_us", "scan_raw", 1, "at most 3, within 1,000 MB")
    compare(1_000_000, "features_by_us", "features_raw", 3, "at most 1.2")
    compare(10_000_000, "features_by_us", "features_raw", 2, "at most 1.2, under 1,500 MB")
    if LARGE:
        compare(50_000_000, "features_by_us", "features_raw", 1, "at most 1.2, under 4,000 MB")


main()

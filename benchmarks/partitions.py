# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit[test]"]
# [tool.uv.sources]
# datadevops-kit = { path = "../kit" }
# ///
"""Replacing one of many partitions of a dataset against replacing one of ten.

    uv run benchmarks/partitions.py [PARTITIONS] [ROWS]

1,000 partitions of 10,000 source rows if none are said: days, of a thousand stations. Each figure is the
median of five runs, each with a correction of one day. Rules about the whole dataset, which read all of it,
are timed apart. Limit: at most twice the time of one of ten.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import stations
from datadevops import testing
from datadevops.contract import odcs
from datadevops.datasets import whole
from datadevops.engine.duckdb_engine import DuckDB

FIRST = datetime(2013, 1, 1)
ROUNDS = 5


class Whole:
    """The rules about the whole dataset, timed apart."""

    seconds = 0.0

    def __init__(self, check: Callable[..., Any]) -> None:
        self._check = check

    def __call__(self, *words: Any) -> Any:
        begin = time.perf_counter()
        found = self._check(*words)
        Whole.seconds = time.perf_counter() - begin
        return found


def deliver(sample: Path, days: int, rows: int, path: Path, more: float = 0.0) -> Path:
    """A file with so many rows on each of the first days, whose rain is `more` than that of the sample."""
    with DuckDB() as engine:
        engine.read("sample", sample)
        station = f"'S' || lpad(cast(number % {len(stations.STATIONS)} as varchar), 3, '0')"
        hour = f"interval (number // {len(stations.STATIONS)}) hour"
        at = f"timestamp '{FIRST}' + interval (day) day + {hour}"
        replaced = f"{station} as station, {at} as observed_at, {more} as precipitation_mm"
        numbers = f"range({days}) as days(day), range({rows}) as numbers(number)"
        one = "(from sample where temperature_c is not null limit 1)"
        each = f"select * replace ({replaced}) from {one}, {numbers}"
        engine.write(f"select * exclude (day, number) from ({each})", path)
    return path


def seconds(product: Any, folder: Path, sample: Path, days: int, rows: int) -> tuple[float, float]:
    """Of a run that replaces one of so many partitions, without the rules about the whole; and of these."""
    store = folder / str(days)
    testing.run(product, store, deliver(sample, days, rows, folder / "all.parquet"))
    took, apart = [], []
    for number in range(1, ROUNDS + 1):
        correction = deliver(sample, 1, rows, folder / f"{days}-{number}.parquet", number / 10)
        begin = time.perf_counter()
        made = testing.run(product, store, correction).facts["datasets"]["daily_rain"]["made"]
        took.append(time.perf_counter() - begin - Whole.seconds)
        apart.append(Whole.seconds)
        if list(made) != [f"{FIRST:%Y-%m-%d}"]:
            raise SystemExit(f"the run made {', '.join(made) or 'nothing'}")
    return median(took), median(apart)


def main() -> None:
    given = [*sys.argv[1:], *("1000", "10000")[len(sys.argv) - 1 :]]
    count, rows = (int(float(word)) for word in given)
    whole.check_dataset = Whole(whole.check_dataset)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        product = stations.product(folder, "data-pipeline")
        (package,) = product.glob("src/*")
        sys.path.insert(0, str(package.parent))
        promise = package / "contracts" / "datasets" / "daily_rain.yaml"
        text = promise.read_text(encoding="utf-8")
        promise.write_text(text.replace("partitionGrain, value: month", "partitionGrain, value: day"))
        load = odcs.load_all
        odcs.load_all = lambda place: {name: stations.many(each) for name, each in load(place).items()}
        ours = import_module(package.name).PRODUCT
        few, of_few = seconds(ours, folder, product / "data" / "weather.parquet", 10, rows)
        many, of_many = seconds(ours, folder, product / "data" / "weather.parquet", count, rows)
    last = FIRST + timedelta(days=count - 1)
    print(
        f"days of {rows:,} rows, to {last:%Y-%m-%d}; one of 10: {few:.2f} s, one of {count:,}: {many:.2f} s"
    )
    print(f"rules about the whole: {of_few:.2f} s and {of_many:.2f} s")
    print(f"ratio {many / few:.2f} (limit: 2)")


if __name__ == "__main__":
    main()

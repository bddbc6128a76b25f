"""Runs of a product, as its command makes them, for tests that look at the store afterwards."""

import os
import sys
from pathlib import Path
from typing import Any

from datadevops import Product, testing
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.testing.running import NOON, Run

__all__ = ["NOON", "about", "dataset", "environment", "months", "program", "queues", "rows", "run_into"]


def run_into(product: Product, store: Path, *given: object, **options: object) -> Run:
    """One run into the folder `store`, which has that name; the rest is as for `testing.run`."""
    assert store.name == "store"
    return testing.run(product, store.parent, *given, **options)


def rows(sql: str) -> list[tuple[object, ...]]:
    """The rows that DuckDB returns."""
    with DuckDB() as engine:
        return engine.rows(sql)


def program(product: Product) -> list[str]:
    """The words that start its command line as a process."""
    return [sys.executable, "-c", f"from {product.package}.cli import app; app()"]


def environment(product: Product, **settings: object) -> dict[str, str]:
    """The environment of that process: the path of the packages, and these settings of the product."""
    own = {f"{product.prefix}{name}": str(value) for name, value in {"LOCAL": "yes", **settings}.items()}
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | own


def dataset(store: Path) -> list[tuple[object, ...]]:
    """The rows that readers of a dataset get, sorted."""
    return rows(f"from '{store}/shop_days/latest/dataset/*.parquet' order by all")


def queues(store: Path) -> dict[str, object]:
    """The queue of each time in a dataset of hours, in minutes."""
    return {f"{row[1]:%Y-%m-%d %H:%M}": row[3] for row in dataset(store)}


def about(run: Run) -> dict[str, Any]:
    """What the report of a run of shop_statistics says about its dataset."""
    found: dict[str, Any] = run.facts["datasets"]["shop_days"]
    return found


def months(run: Run) -> dict[str, str]:
    """A hash of the published rows, by month."""
    files = run.store / "shop_days" / run.facts["versions"]["shop_days"] / "dataset" / "*.parquet"
    hashed = f"sum(hash(dataset)) from read_parquet('{files}') as dataset"
    found = rows(f"select strftime(day, '%Y-%m'), {hashed} group by 1")
    return {month: str(hashed) for month, hashed in found}

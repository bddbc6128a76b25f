"""Runs of a product, as its command makes them, for tests that ask what they leave in a store."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from datadevops import Product
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.job import Delivered
from datadevops.product import Settings
from datadevops.steps import run
from datadevops.store.versions import Version

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    store: Path
    report: Version
    steps: list[str]  # the pieces of work that were really done

    @property
    def facts(self):
        return self.report.facts


def run_into(
    product: Product,
    store: Path,
    file: Path,
    progress: Callable[..., object] = lambda *_: None,
    **options: object,
) -> Run:
    """One run on the rows of the file; `options` as the command line hands them over."""
    steps: list[str] = []

    def step(name: str, *more: object) -> None:
        steps.append(name)
        progress(name, *more)

    settings = Settings(store.parent, store, None, None, "duckdb", local=True)
    with DuckDB() as engine:
        sources = {"source": Delivered(file, str(file))}
        report = run.run(product, settings, engine, sources, NOON, step, **options)
    return Run(store, report, steps)


def rows(sql: str) -> list[tuple[object, ...]]:
    """What DuckDB answers."""
    with DuckDB() as engine:
        return engine.rows(sql)


def program(product: Product) -> list[str]:
    """How its command line is started as a process of its own."""
    return [sys.executable, "-c", f"from {product.package}.cli import app; app()"]


def environment(product: Product, **settings: object) -> dict[str, str]:
    """What that process finds around it: where the packages are, and these settings of the product."""
    own = {f"{product.prefix}{name}": str(value) for name, value in {"LOCAL": "yes", **settings}.items()}
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | own


def dataset(store: Path) -> list[tuple[object, ...]]:
    """What readers of a dataset get, sorted."""
    return rows(f"from '{store}/dataset/latest/dataset.parquet' order by all")


def months(run: Run) -> dict[str, str]:
    """A hash of what is published, by month."""
    file = run.store / "dataset" / run.facts["versions"]["dataset"] / "dataset.parquet"
    found = rows(
        f"select strftime(day, '%Y-%m'), sum(hash(dataset)) from read_parquet('{file}') as dataset group by 1"
    )
    return {month: str(hashed) for month, hashed in found}

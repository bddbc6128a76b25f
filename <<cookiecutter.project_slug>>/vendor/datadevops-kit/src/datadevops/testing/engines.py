"""The product gives the same rows on Spark as on DuckDB.

In:       a product.
Out:      a check that takes a minute: `tox -e spark`.
Failure:  without pyspark or Java, the tests end with NOT RUN and exit code 3.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..contract import odcs
from ..engine import graph, made_up
from ..engine.duckdb_engine import DuckDB
from ..engine.start import start
from ..errors import SettingsError, counted
from ..product import Product

ROWS = 200_000


def differences(product: Product, folder: Path) -> Iterator[str]:
    """The transforms that give other rows on Spark, from made-up rows of the sources."""
    sources = odcs.load_sources(product.contracts)
    steps = graph.statements(product.transforms, sources, product.makes)
    try:
        started = start("spark", None, product.folder, product.command)
    except SettingsError as error:
        pytest.exit(f"NOT RUN: {error}", returncode=3)  # not skipped: that would look green
    with started as spark, DuckDB() as engine:
        for name in sources:
            file = folder / f"{name}.parquet"
            engine.write(made_up.sql(engine, sources, name, ROWS), file)
            engine.read(name, file)
            spark.read(name, file)
        for table, step in steps.items():
            sql, found = step.path, list[Any]()
            for each, place in ((spark, "there"), (engine, "here")):
                file = each.transform(sql, folder / f"{table}-{place}.parquet")
                engine.read("made", file)
                found.insert(0, sorted(engine.rows("from made"), key=repr))
            engine.read(table, file)
            spark.read(table, file)
            here, there = found
            if len(here) != len(there):
                yield f"{sql}: {counted(len(here), 'row')} on DuckDB, {len(there):,} on Spark"
            elif unlike := [pair for pair in zip(here, there, strict=True) if not _alike(*pair)]:
                one, other = unlike[0]
                which = f"{len(unlike):,} of {counted(len(here), 'row')} differ"
                yield f"{sql}: {which}, e.g. {one} on DuckDB, {other} on Spark"


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two rows are the same; sums of floats may differ by the order they are added in."""

    def same(a: Any, b: Any) -> bool:
        both = isinstance(a, float) and isinstance(b, float)
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) if both else bool(a == b)

    return all(same(a, b) for a, b in zip(one, other, strict=True))

"""A product of which `serving.py` and `soak.py` ask predictions: how to start it, and what to ask.

In:       a baked product that has run.
Out:      a `Side`; rows of its features as a caller sends them.
Failure:  what duckdb raises.
"""

from pathlib import Path
from typing import Any

import baked
import duckdb
from http_load import Side


def side(product: Path) -> Side:
    words = "serve --port {port} --management-port 0 --drain-seconds 0".split()
    store = {f"{product.name.replace('-', '_').upper()}_STORE": str(product / "store")}
    return Side([baked.program(product), *words], "/v1/predict", "/v1/threshold", store)


def rows(product: Path, count: int) -> list[dict[str, Any]]:
    (file,) = product.glob("store/features/*/features.parquet")
    time = "strftime(observed_at, '%Y-%m-%dT%H:%M:%S') as observed_at"
    table = duckdb.sql(f"select * replace ({time}) from '{file}' limit {count}")
    return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]

"""The sample's contracts for a thousand stations, and rows of them: three stations have fewer hours than a
large run has rows.

In:       the template of this working tree, an empty folder.
Out:      a baked product, the contract of its source for stations S000 to S999, a file of rows that keep it.
"""

from pathlib import Path

import baked
from datadevops.contract import odcs, synthetic
from datadevops.contract.values import Contract
from datadevops.engine.duckdb_engine import DuckDB

STATIONS = [f"S{number:03}" for number in range(1000)]


def product(folder: Path, kind: str = baked.KINDS[0]) -> Path:
    return baked.bake(baked.template(folder / "template"), folder / "product", kind)


def many(contract: Contract) -> Contract:
    station, *others = contract.columns
    station = station.model_copy(update={"enum": tuple(STATIONS)})
    return contract.model_copy(update={"columns": (station, *others)})


def source(product: Path) -> Contract:
    (path,) = product.glob("src/*/contracts/sources/source.yaml")
    return many(odcs.load(path))


def transform(product: Path) -> Path:
    """The SQL that does most of the work."""
    (path,) = (
        each for each in product.glob("src/*/transforms/*.sql") if each.stem in ("features", "dataset")
    )
    return path


def write(product: Path, rows: int, path: Path, bad_ratio: float = 0.0) -> None:
    with DuckDB() as engine:
        engine.write(synthetic.sql(source(product), rows, bad_ratio=bad_ratio), path)

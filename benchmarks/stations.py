"""The sample's contracts for a thousand stations, and rows of them: three stations have fewer hours than a
large run has rows.

In:       the template of this working tree, an empty folder.
Out:      a baked product; the contracts of its sources for stations S000 to S999, and files of rows that keep
          them, each hour of a station joined with its position.
"""

from pathlib import Path

import baked
from datadevops.contract import odcs, synthetic
from datadevops.contract.values import Contract
from datadevops.engine.duckdb_engine import DuckDB

STATIONS = [f"S{number:03}" for number in range(1000)]
MEASURED = "weather"  # the source with a time, which grows


def product(folder: Path, kind: str = baked.KINDS[0]) -> Path:
    return baked.bake(baked.template(folder / "template"), folder / "product", kind)


def many(contract: Contract) -> Contract:
    """The contract for all these stations."""
    wanted = {"enum": tuple(STATIONS), "refers_to": ""}
    columns = tuple(
        column.model_copy(update=wanted) if column.name == "station" else column
        for column in contract.columns
    )
    return contract.model_copy(update={"columns": columns})


def sources(product: Path) -> dict[str, Contract]:
    """The contracts of what is delivered, by table."""
    (folder,) = product.glob("src/*/contracts")
    return {table: many(contract) for table, contract in odcs.load_sources(folder).items()}


def transform(product: Path) -> Path:
    """The SQL that does most of the work."""
    (path,) = (path for path in product.glob("src/*/transforms/*.sql") if path.stem != "labels")
    return path


def write(product: Path, rows: int, folder: Path, bad_ratio: float = 0.0) -> dict[str, Path]:
    """The file of each source: so many measured rows, one row for each station of others."""
    files = {}
    with DuckDB() as engine:
        for table, contract in sources(product).items():
            files[table] = folder / f"{table}.parquet"
            grows = table == MEASURED
            made = synthetic.sql(contract, rows if grows else len(STATIONS), bad_ratio=bad_ratio * grows)
            engine.write(made, files[table])
    return files

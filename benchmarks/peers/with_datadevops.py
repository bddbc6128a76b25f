# /// script
# requires-python = ">=3.11"
# dependencies = ["datadevops-kit"]
# [tool.uv.sources]
# datadevops-kit = { path = "../../kit" }
# ///
"""This repository's library, with the contract that lies beside the rows, cut to the rules of the peers."""

from pathlib import Path

from datadevops.contract import odcs
from datadevops.contract.values import Contract, Limits
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from timed import BOUNDS, STATIONS, timed

NAMES = ("station", "observed_at", *BOUNDS)


def cut(contract: Contract) -> Contract:
    free = {"limits": Limits(), "required": False}
    station, *others = [c if c.name in NAMES else c.model_copy(update=free) for c in contract.columns]
    station = station.model_copy(update={"enum": tuple(STATIONS)})
    return contract.model_copy(update={"columns": (station, *others), "quality": ()})


def work(source: str, target: str) -> None:
    contract, folder = cut(odcs.load(Path(source).with_suffix(".yaml"))), Path(target).parent
    with DuckDB() as duckdb:
        duckdb.read(contract.name, Path(source))
        checks.split(duckdb, contract, folder)
        duckdb.read("source", folder / f"{contract.name}.parquet")
        duckdb.transform(Path(__file__).with_name("features.sql"), Path(target))


timed(work)

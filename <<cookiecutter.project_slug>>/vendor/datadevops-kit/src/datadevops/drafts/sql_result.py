"""The rows that transforms/*.sql make now, of the files that the sources name.

In:       the contracts of the sources, a file of each, the statements that are needed, an empty folder.
Out:      the parquet file of the last table.
Failure:  what reading, checking and running SQL raise; DataError DQ003 (no good row).

Rows that break the contract of their source are left out, as in a run, however many they are.
"""

from collections.abc import Mapping
from pathlib import Path

from ..contract.values import Contract
from ..engine import checks, graph
from ..engine.blame import named
from ..engine.graph import Statement
from ..engine.start import Engine
from ..job import Delivered


def write(
    engine: Engine,
    sources: Mapping[str, Contract],
    files: Mapping[str, Delivered],
    statements: Mapping[str, Statement],
    folder: Path,
) -> Path:
    """The file of the last table of `statements`."""
    for table, delivered in files.items():
        contract, kept = sources[table], folder / table
        kept.mkdir()
        with named(delivered.path, delivered.name):
            engine.read(table, delivered.path, *contract.reading)
            checks.split(engine, contract, kept)
        engine.read(table, kept / f"{table}.parquet")
    return graph.make(engine, statements, folder)

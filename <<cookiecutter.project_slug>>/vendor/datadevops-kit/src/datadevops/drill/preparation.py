"""The store that a drill starts with: the main job makes it from the rows of the product's own sources.

In:       a product, its settings, the files that the contracts of its sources name.
Out:      a `Plan` of the stack.
Failure:  NotRunError OP008 (the main job fails on these rows).
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from ..contract import odcs
from ..contract.values import Contract
from ..engine.duckdb_engine import DuckDB
from ..errors import NotRunError
from ..ops.objectives import Objectives
from ..product import Product, Settings
from ..store import objects
from .lateness import Lateness
from .stack import Plan


def prepare(
    product: Product,
    settings: Settings,
    kind: ModuleType,
    objectives: Objectives,
    folder: Path,
    group: int,
    lateness: Lateness,
) -> Plan:
    """A plan with a store in `folder`; `group`: of processes, see `processes.guarded`."""
    sources = odcs.load_sources(product.contracts)
    with DuckDB(settings.memory_limit) as engine:
        files = copied(engine, sources, _files(sources, settings, folder), folder)

    def environment(store: Path) -> dict[str, str]:
        ours = {"HOME": str(settings.home), "STORE": str(store), "PUSHGATEWAY": "", "LOCAL": "yes"}
        named = {f"{product.prefix}{name}": value for name, value in ours.items()}
        return named | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    start = [sys.executable, "-c", f"from {product.package}.cli import app; app()"]
    given = [word for table, file in files.items() for word in ("--source", f"{table}={file}")]
    run, known = [*start, "run", *given], os.environ | environment(folder / "store")
    done = subprocess.run(run, env=known, process_group=group, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        why = f"`{product.command} run` on its own sources fails"
        text = f"{why}: the drill was NOT RUN\n{done.stderr.strip()}"
        raise NotRunError("OP008", text, "correct that first")
    contracts = odcs.load_all(product.contracts)
    ops, starter = settings.home / "ops", kind.starter(contracts, folder, files)
    return Plan(start, environment, folder, group, ops, objectives, lateness, starter)


def _files(sources: Mapping[str, Contract], settings: Settings, folder: Path) -> dict[str, Path]:
    """The file that each contract names, fetched from an object store if it is there."""
    found = {}
    for table, source in sources.items():
        place = source.location or ""
        if objects.is_address(place):
            (folder / "fetched" / table).mkdir(parents=True)
            found[table] = objects.fetch(place, folder / "fetched" / table)
        else:
            found[table] = settings.home / place
    return found


def copied(
    engine: DuckDB, sources: Mapping[str, Contract], files: Mapping[str, Path], folder: Path
) -> dict[str, Path]:
    """Copy these files to the folder, as parquet that each fault can read; returns the new files.

    The rows stay as they are. If their times were moved to today, the year as a whole number or the day as
    text that another source has would stay behind, and nothing would join.
    """
    made = {}
    for table, source in sources.items():
        engine.read(table, files[table], *source.reading)
        made[table] = folder / f"{table}.parquet"
        engine.write(f'from "{table}"', made[table])
    return made

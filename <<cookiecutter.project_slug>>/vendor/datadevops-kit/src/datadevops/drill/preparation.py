"""The store that a drill starts with: the main job makes it from rows moved to this hour.

In:       a product, its settings, the file that the contract of its source names.
Out:      a `Plan` of the stack.
Failure:  NotRunError OP008 (the main job fails on these rows).
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from ..contract import odcs
from ..contract.predicates import literal
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
    source, fresh = odcs.load(product.contracts / "source.yaml"), folder / "source.parquet"
    with DuckDB(settings.memory_limit) as engine:
        now = datetime.now(UTC).replace(tzinfo=None)
        refresh(engine, source, _file(source, settings, folder), now, fresh)

    def environment(store: Path) -> dict[str, str]:
        ours = {"HOME": str(settings.home), "STORE": str(store), "PUSHGATEWAY": "", "LOCAL": "yes"}
        named = {f"{product.prefix}{name}": value for name, value in ours.items()}
        return named | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    start = [sys.executable, "-c", f"from {product.package}.cli import app; app()"]
    run, known = [*start, "run", "--source", str(fresh)], os.environ | environment(folder / "store")
    done = subprocess.run(run, env=known, process_group=group, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        text = f"`{product.command} run` on rows of today fails: the drill was NOT RUN\n{done.stderr.strip()}"
        raise NotRunError("OP008", text, "correct that first")
    contracts = odcs.load_all(product.contracts)
    ops, starter = settings.home / "ops", kind.starter(contracts, folder)
    return Plan(start, environment, folder, group, ops, objectives, lateness, starter)


def _file(source: Contract, settings: Settings, folder: Path) -> Path:
    place = source.location or ""
    return objects.fetch(place, folder) if objects.is_address(place) else settings.home / place


def refresh(engine: DuckDB, source: Contract, file: Path, now: datetime, fresh: Path) -> None:
    """Write the rows of `file` to `fresh`, moved so that the newest is from this hour, day, week or month.

    All times of a row move by the same amount, so that rules about two of them still hold.
    """
    engine.read("source", file, source.sql_types, source.physical_names)
    time = f'"{source.time_key}"'
    newest = f"max({time})"
    for unit in ("month", "week", "day", "hour"):  # keep times at the start of one
        begins = f"bool_and({time} = date_trunc('{unit}', {time}))"
        now_or_before = f"{literal(now)} - ({newest} - date_trunc('{unit}', {newest}))"
        past = f"date_diff('{unit}', {newest}, {now_or_before})"
        ((even, count),) = engine.rows(f"select {begins}, {past} from source")
        if even:
            break
    moved = ", ".join(
        f'cast("{name}" + to_{unit}s({count}) as {source.sql_types[name]}) as "{name}"'
        for name, type_ in engine.types("from source").items()
        if source.sql_types.get(name) in ("DATE", "TIMESTAMP") and type_.startswith(("DATE", "TIMESTAMP"))
    )
    engine.write(f"select * replace ({moved}) from source", fresh)

"""The store that a drill starts with: the main job makes it from rows moved to this hour.

In:       a product, its settings, the files that the contracts of its sources name.
Out:      a `Plan` of the stack.
Failure:  NotRunError OP008 (the main job fails on these rows).
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from ..contract import odcs
from ..contract.predicates import literal
from ..contract.values import Contract
from ..datasets import cut
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
    sources, now = odcs.load_sources(product.contracts), datetime.now(UTC).replace(tzinfo=None)
    with DuckDB(settings.memory_limit) as engine:
        fresh = refresh(engine, sources, _files(sources, settings, folder), now, folder)

    def environment(store: Path) -> dict[str, str]:
        ours = {"HOME": str(settings.home), "STORE": str(store), "PUSHGATEWAY": "", "LOCAL": "yes"}
        named = {f"{product.prefix}{name}": value for name, value in ours.items()}
        return named | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    start = [sys.executable, "-c", f"from {product.package}.cli import app; app()"]
    given = [word for table, file in fresh.items() for word in ("--source", f"{table}={file}")]
    run, known = [*start, "run", *given], os.environ | environment(folder / "store")
    done = subprocess.run(run, env=known, process_group=group, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        text = f"`{product.command} run` on rows of today fails: the drill was NOT RUN\n{done.stderr.strip()}"
        raise NotRunError("OP008", text, "correct that first")
    contracts = odcs.load_all(product.contracts)
    ops, starter = settings.home / "ops", kind.starter(contracts, folder, fresh)
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


def refresh(
    engine: DuckDB, sources: Mapping[str, Contract], files: Mapping[str, Path], now: datetime, folder: Path
) -> dict[str, Path]:
    """Write the rows of these files to the folder, moved so that the newest of all sources is from this hour,
    day, week or month; returns the new files.

    All times of all rows move by the same amount, so that rules about two of them, and joins, still hold.
    """
    times = []
    for table, source in sources.items():
        engine.read(table, files[table], *source.reading)
        if time := cut.time_of(source):
            times.append(f'select cast("{time.name}" as timestamp) as moment from "{table}"')
    unit, count = _move(engine, " union all ".join(times), now) if times else ("hour", 0)
    fresh = {}
    for table, source in sources.items():
        moved = ", ".join(
            f'cast("{name}" + to_{unit}s({count}) as {source.sql_types[name]}) as "{name}"'
            for name, type_ in engine.types(f'from "{table}"').items()
            if source.sql_types.get(name) in ("DATE", "TIMESTAMP") and type_.startswith(("DATE", "TIMESTAMP"))
        )
        fresh[table] = folder / f"{table}.parquet"
        engine.write(f'select *{moved and f" replace ({moved})"} from "{table}"', fresh[table])
    return fresh


def _move(engine: DuckDB, times: str, now: datetime) -> tuple[str, int]:
    """The longest unit whose starts all the times are, and by how many the newest is moved to reach `now`."""
    newest = "max(moment)"
    for unit in ("month", "week", "day", "hour"):  # keep times at the start of one
        begins = f"bool_and(moment = date_trunc('{unit}', moment))"
        now_or_before = f"{literal(now)} - ({newest} - date_trunc('{unit}', {newest}))"
        past = f"date_diff('{unit}', {newest}, {now_or_before})"
        ((even, count),) = engine.rows(f"select {begins}, {past} from ({times})")
        if even:
            break
    return unit, count

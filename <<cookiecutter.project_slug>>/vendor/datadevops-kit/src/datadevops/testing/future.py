"""No feature knows the future: rows of the past stay as they are when rows that become known later are taken
away. The contract of a source says how long after its time a row is known (`availableAfter`), and which time
that is where none is in the key.

In:       the SQL of the features, the contracts of the sources and of the features.
Out:      the features that change.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ..contract.predicates import literal
from ..contract.values import Column, Contract
from ..engine import graph, made_up
from ..engine.duckdb_engine import DuckDB
from ..errors import counted
from ..product import Product

ROWS = 20_000
JOIN = "if it joins sources, let a contract say which column refers to which (`relationships`)"
MICROSECOND = timedelta(microseconds=1)


def faults(product: Product, contracts: Mapping[str, Contract], folder: Path) -> Iterator[str]:
    """The features that look ahead on made-up rows of the sources that have a time."""
    every = {name: contract for name, contract in contracts.items() if contract.is_source}
    steps = graph.needed(graph.statements(product.transforms, every, product.makes), "features")
    read = {table for step in steps.values() for table in step.reads}
    sources = {name: contract for name, contract in every.items() if name in read}
    if untold := list(_untold(sources)):
        yield from untold
        return
    with DuckDB() as engine:
        rows = {name: made_up.sql(engine, every, name, ROWS) for name in sources}
        for name, source in sources.items():
            if not source.timed:
                continue
            groups = ", ".join(["true", *(f'"{key}"' for key in source.keys if key != source.time_key)])
            repeated = f"select 1 from ({rows[name]}) group by {groups} having count(*) > 1 limit 1"
            if not engine.rows(repeated):
                yield f"{source.path}: each made-up key has one time only; let `synthetic` repeat it"
                return
        changed = looking_ahead(engine, steps, sources, rows, contracts["features"], folder)
    if changed is None:
        sql = steps["features"].path
        yield f"{sql}: made-up rows give no row, so nothing is tested; {JOIN}"
        return
    late = "".join(f", or of {name} before they are known" for name, each in sources.items() if each.delay)
    for name, count in changed.items():
        sql = steps["features"].path
        yield f"{sql}: {name} of {counted(count, 'row')} of the past changes with rows of the future{late}"


def _untold(sources: Mapping[str, Contract]) -> Iterator[str]:
    """The sources of which nobody knows when their rows become known."""
    hint = "put it there, or give the one at which a row is known the custom property availableAfter, PT0S"
    for source in sources.values():
        times = [column.name for column in source.columns if column.type == "timestamp"]
        if times and not source.known_from:
            what = f"no time is in the key, but {', '.join(times)} beside it"
            yield f"{source.path}: {what}, so nothing can be tested; {hint}"
    if not any(column.type == "timestamp" for source in sources.values() for column in source.columns):
        paths = ", ".join(str(source.path) for source in sources.values())
        yield f"{paths}: no source has a time, so nothing can be tested; put one in the key"


def looking_ahead(
    engine: DuckDB,
    steps: Mapping[str, graph.Statement],
    sources: Mapping[str, Contract],
    rows: Mapping[str, str],
    features: Contract,
    folder: Path,
) -> dict[str, int] | None:
    """{feature: rows of the past that change when the rows not known at a moment are taken away}; `rows`: SQL
    of each source. None if the SQL makes no row of them."""
    for name, sql in rows.items():
        engine.write(sql, folder / f"{name}.parquet")
        engine.read(name, folder / f"{name}.parquet")
    (folder / "whole").mkdir()
    engine.read("whole", graph.make(engine, steps, folder / "whole"))
    time = f'"{features.time_key}"'
    # Of a delay of minutes only the newest rows of a moment tell, so there are several of those.
    shares = [0.3, 0.4, 0.5, 0.6, 0.7] if any(source.delay for source in sources.values()) else [0.5]
    ((moments,),) = engine.rows(f"select quantile_disc({time}, {shares}) from whole")
    if moments is None:
        return None
    same = " and ".join(f'a."{key}" = b."{key}"' for key in features.keys)
    changed = ", ".join(f"count(*) filter (where {_differs(column)})" for column in features.measures)
    found = Counter[str]()
    for place, moment in enumerate(moments):
        at = folder / f"moment-{place}"
        (at / "past").mkdir(parents=True)
        _keep_known(engine, sources, moment, folder, at)
        engine.read("past", graph.make(engine, steps, at / "past"))
        both = f"whole as a left join past as b on {same}"
        (counts,) = engine.rows(f"select {changed} from {both} where a.{time} <= {literal(moment)}")
        found.update({column.name: n for column, n in zip(features.measures, counts, strict=True) if n})
    return dict(found)


def _keep_known(
    engine: DuckDB, sources: Mapping[str, Contract], moment: datetime, folder: Path, to: Path
) -> None:
    """Let each source with a time have the rows that are known at that moment."""
    for name, source in sources.items():
        if source.known_from:
            engine.read(name, folder / f"{name}.parquet")
            known = f'"{source.known_from}" + to_microseconds({source.delay // MICROSECOND})'
            kept = f'from "{name}" where coalesce({known} <= {literal(moment)}, true)'
            engine.write(kept, to / f"{name}.parquet")
            engine.read(name, to / f"{name}.parquet")


def _differs(column: Column) -> str:
    a, b = f'a."{column.name}"', f'b."{column.name}"'
    close = f" and not coalesce(abs({a} - {b}) <= 1e-9 * (1 + abs({a})), false)"
    return f"{a} is distinct from {b}" + (close if column.type == "number" else "")

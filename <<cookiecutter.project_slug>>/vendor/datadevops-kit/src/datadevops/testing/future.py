"""No feature knows the future: rows of the past stay as they are when rows that become known later are taken
away. The contract of a source says how long after its time a row is known (`availableAfter`).

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
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    if contracts["features"].timed and not any(source.timed for source in sources.values()):
        paths = ", ".join(str(source.path) for source in sources.values())
        yield f"{paths}: no source has a time in its key, so nothing can be tested; put the time there"
        return
    with DuckDB() as engine:
        rows = {name: made_up.sql(engine, sources, name, ROWS) for name in sources}
        for name, source in sources.items():
            if not source.timed:
                continue
            groups = ", ".join(["true", *(f'"{key}"' for key in source.keys if key != source.time_key)])
            repeated = f"select 1 from ({rows[name]}) group by {groups} having count(*) > 1 limit 1"
            if not engine.rows(repeated):
                yield f"{source.path}: each made-up key has one time only; let `synthetic` repeat it"
                return
        found = graph.statements(product.transforms, sources, product.makes)
        steps, features = graph.needed(found, "features"), contracts["features"]
        changed = looking_ahead(engine, steps, sources, rows, features, folder)
    if changed is None:
        sql = steps["features"].path
        yield f"{sql}: made-up rows give no row, so nothing is tested; {JOIN}"
        return
    late = "".join(f", or of {name} before they are known" for name, each in sources.items() if each.delay)
    for name, count in changed.items():
        sql = steps["features"].path
        yield f"{sql}: {name} of {counted(count, 'row')} of the past changes with rows of the future{late}"


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
        if source.timed:
            engine.read(name, folder / f"{name}.parquet")
            known = f'"{source.time_key}" + to_microseconds({source.delay // MICROSECOND})'
            engine.write(f'from "{name}" where {known} <= {literal(moment)}', to / f"{name}.parquet")
            engine.read(name, to / f"{name}.parquet")


def _differs(column: Column) -> str:
    a, b = f'a."{column.name}"', f'b."{column.name}"'
    close = f" and not coalesce(abs({a} - {b}) <= 1e-9 * (1 + abs({a})), false)"
    return f"{a} is distinct from {b}" + (close if column.type == "number" else "")

"""No feature knows the future: rows of the past stay as they are when later rows are taken away.

In:       the SQL of the features, the contracts of its source and of its result.
Out:      the features that change.
"""

from collections.abc import Iterator
from pathlib import Path

from ..contract import synthetic
from ..contract.predicates import literal
from ..contract.values import Column, Contract
from ..engine.duckdb_engine import DuckDB

ROWS = 20_000


def faults(sql: Path, source: Contract, features: Contract, folder: Path) -> Iterator[str]:
    """The features that look ahead on made-up rows of the source."""
    rows = synthetic.sql(source, ROWS)
    groups = ", ".join(["true", *(f'"{key}"' for key in source.keys if key != source.time_key)])
    with DuckDB() as engine:
        if not engine.rows(f"select 1 from ({rows}) group by {groups} having count(*) > 1 limit 1"):
            yield f"{source.path}: each made-up key has one time only; let `synthetic` repeat it"
            return
        found = looking_ahead(engine, sql, rows, features, folder)
    for name, changed in found.items():
        yield f"{sql}: {name} of {changed:,} rows of the past changes with rows of the future"


def looking_ahead(engine: DuckDB, sql: Path, rows: str, features: Contract, folder: Path) -> dict[str, int]:
    """{feature: rows of the past that change when the rows after a moment are taken away}; `rows`: SQL of
    the source."""
    time = f'"{features.time_key}"'
    engine.write(rows, folder / "source.parquet")
    engine.read("source", folder / "source.parquet")
    engine.read("whole", engine.transform(sql, folder / "whole.parquet"))
    ((cut,),) = engine.rows(f"select quantile_disc({time}, 0.5) from source")
    engine.write(f"from source where {time} <= {literal(cut)}", folder / "early.parquet")
    engine.read("source", folder / "early.parquet")
    engine.read("past", engine.transform(sql, folder / "past.parquet"))
    same = " and ".join(f'a."{key}" = b."{key}"' for key in features.keys)
    changed = ", ".join(f"count(*) filter (where {_differs(column)})" for column in features.measures)
    (counts,) = engine.rows(
        f"select {changed} from whole as a left join past as b on {same} where a.{time} <= {literal(cut)}"
    )
    return {column.name: n for column, n in zip(features.measures, counts, strict=True) if n}


def _differs(column: Column) -> str:
    a, b = f'a."{column.name}"', f'b."{column.name}"'
    close = f" and not coalesce(abs({a} - {b}) <= 1e-9 * (1 + abs({a})), false)"
    return f"{a} is distinct from {b}" + (close if column.type == "number" else "")

# The template's file: edits here meet template updates (copier update merges them).
"""How far the columns of a table have moved from a baseline.

In:       an engine, a contract, the name of a table.
Out:      a baseline (JSON), and the Population Stability Index of each column against one.
"""

from collections.abc import Mapping
from math import log
from typing import Any

from .contract import Contract
from .engine import DuckDB

LIMIT = 0.25  # PSI from which a column counts as moved, where the contract says nothing
SMALLEST = 1e-4  # share given to an empty bin, so that its logarithm exists


def baseline(engine: DuckDB, contract: Contract, table: str) -> dict[str, Any]:
    """{column: {"edges": at most 9 deciles, "shares": {bin: share}}} for all but the key."""
    cuts = [tenth / 10 for tenth in range(1, 10)]
    numbers = [c.name for c in contract.measures if c.type in ("number", "integer")]
    deciles = ", ".join(f'quantile_disc("{name}", {cuts})' for name in numbers) or "null"
    (row,) = engine.rows(f"select {deciles} from {table}")
    edges = {n: sorted(set(d or [])) for n, d in zip(numbers, row, strict=False)}
    found = {c.name: edges.get(c.name) for c in contract.measures if c.type != "timestamp"}
    shares = _shares(engine, table, found)
    return {name: {"edges": found[name], "shares": shares[name]} for name in found}


def compare(engine: DuckDB, table: str, base: Mapping[str, Any]) -> dict[str, float]:
    """{column: PSI} of `table` against a baseline; 0 is no change."""
    now = _shares(engine, table, {name: column["edges"] for name, column in base.items()})
    return {name: psi(base[name]["shares"], now[name]) for name in base}


def psi(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Population Stability Index of two distributions {bin: share}: a number >= 0 without unit.

    Rule of thumb: under 0.1 steady, over 0.25 moved.

    >>> round(psi({"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.75}), 3)
    0.275
    """
    pairs = [
        (max(before.get(key, 0), SMALLEST), max(now.get(key, 0), SMALLEST))
        for key in {*before, *now}
    ]
    return sum((b - a) * log(b / a) for a, b in pairs)


def _shares(
    engine: DuckDB, table: str, edges: Mapping[str, list[float] | None]
) -> dict[str, dict[str, float]]:
    """{column: {bin: share}}: by decile where there are edges, else by value; null is a bin."""
    bins = []
    for name, cuts in edges.items():
        above = " + ".join(f'cast("{name}" > {cut} as integer)' for cut in cuts or ()) or "0"
        value = (
            f'case when "{name}" is not null then {above} end' if cuts is not None else f'"{name}"'
        )
        bins.append(f"histogram(coalesce(cast({value} as varchar), 'null'))")
    (row,) = engine.rows(f"select {', '.join(bins)} from {table}")
    return {
        name: {key: count / sum(counts.values()) for key, count in counts.items()}
        for name, counts in zip(edges, row, strict=True)
    }

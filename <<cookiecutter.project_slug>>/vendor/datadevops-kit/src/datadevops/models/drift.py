"""How far the columns of a table have moved from a baseline.

In:       an engine, a contract, a table (its name, or a query in parentheses).
Out:      a baseline (JSON), and the Population Stability Index of each column against one.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..contract.values import Contract

if TYPE_CHECKING:  # a server does without DuckDB
    from ..engine.start import Engine

SMALLEST = 1e-4  # share given to an empty bin, so that its logarithm exists
NULL, TEXT_NULL = "null", '"null"'  # the bins of nulls, and of the text "null"
FORECAST = "forecast"  # what the service calls the drift of its own answers
DECILES = [tenth / 10 for tenth in range(1, 10)]


def baseline(engine: "Engine", contract: Contract, table: str) -> dict[str, Any]:
    """{column: {"edges": at most 9 deciles, "shares": {bin: share}}} for all but the key."""
    edges: dict[str, Any] = {c.name: None for c in contract.inputs if c.type not in ("date", "timestamp")}
    numbers = [column.name for column in contract.inputs if column.type in ("number", "integer")]
    deciles = ", ".join(f'quantile_disc("{name}", {DECILES})' for name in numbers) or "count(*)"
    (row,) = engine.rows(f"select {deciles} from {table}")
    edges |= {name: sorted(set(cuts or [])) for name, cuts in zip(numbers, row, strict=False)}
    shares = _shares(engine, table, edges)
    return {name: {"edges": edges[name], "shares": shares[name]} for name in edges}


def compare(engine: "Engine", table: str, base: Mapping[str, Any]) -> dict[str, float]:
    """{column: PSI} of `table` against a baseline; 0 is no change."""
    now = _shares(engine, table, {name: column["edges"] for name, column in base.items()})
    return {name: psi(base[name]["shares"], now[name]) for name in base}


def psi(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Population Stability Index of two distributions {bin: share}: a number >= 0 without unit.

    Rule of thumb: under 0.1 steady, over 0.25 moved.

    >>> round(psi({"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.75}), 3)
    0.275
    """
    bins = sorted({*before, *now})  # a sum of floats must not depend on the order of a set
    pairs = [(max(before.get(bin_, 0), SMALLEST), max(now.get(bin_, 0), SMALLEST)) for bin_ in bins]
    return sum((b - a) * log(b / a) for a, b in pairs)


class Window:
    """The newest rows of a service, by model input, and their forecasts: they are not in a table, so numpy
    counts them."""

    def __init__(self, base: Mapping[str, Any], enums: Mapping[str, Sequence[Any]], rows: int) -> None:
        """`enums`: the inputs in their order, then FORECAST, each with its enum values or ()."""
        self._base, self._enums, self._wanted = base, enums, rows
        self._kept: deque[npt.NDArray[np.float64]] = deque(maxlen=rows)  # each (k,)
        self._forecasts: deque[np.float64] = deque(maxlen=rows)

    def add(self, x: npt.NDArray[np.float64], forecast: npt.NDArray[np.float64]) -> None:
        """x: (n, k) as input to the model, an enum value as its index, null as NaN; forecasts of its rows."""
        self._kept.extend(x)
        self._forecasts.extend(column_of(forecast))

    def psi(self) -> dict[str, float]:
        """{column: PSI}; empty until the window is full, because few rows look like drift."""
        if len(self._kept) < self._wanted:
            return {}
        rows = np.column_stack([np.vstack(self._kept), np.array(self._forecasts)])
        columns = zip(self._enums.items(), rows.T, strict=True)
        return {
            name: psi(self._base[name]["shares"], _counted(column, self._base[name]["edges"], enum))
            for (name, enum), column in columns
        }


def column_of(forecast: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One number for each forecast: of classes (n, k) the place of the most probable one."""
    return forecast if forecast.ndim == 1 else forecast.argmax(axis=1).astype(np.float64)


def of_forecast(forecast: npt.NDArray[np.float64], classes: Sequence[str]) -> dict[str, Any]:
    """A baseline of forecasts, as `baseline` makes one for each column."""
    column = column_of(forecast)
    # Answers may be equal to an edge but for the last bits, which depend on how many rows are scored at once.
    apart = 1e-6 * float(np.ptp(column))
    edges = None if classes else (np.unique(np.quantile(column, DECILES)) + apart).tolist()
    return {"edges": edges, "shares": _counted(column, edges, classes)}


def _counted(column: npt.NDArray[np.float64], edges: Any, enum: Sequence[Any]) -> dict[str, float]:
    """The same shares as in `_shares`, of inputs (n,)."""
    known = column[~np.isnan(column)]
    if edges is None:  # by value
        words = (str(v).lower() if isinstance(v, bool) else str(v) for v in enum or (False, True))
        names, bins = [TEXT_NULL if word == NULL else word for word in words], known.astype(int)
    else:
        numbers = np.asarray(enum, dtype=float)[known.astype(int)] if enum else known
        names, bins = [str(place) for place in range(len(edges) + 1)], np.searchsorted(edges, numbers)
    counts = dict(zip(names, np.bincount(bins, minlength=len(names)).tolist(), strict=True))
    counts[NULL] = len(column) - len(known)
    return {name: count / len(column) for name, count in counts.items() if count}


def _shares(engine: "Engine", table: str, edges: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """{column: {bin: share}}: by decile if there are edges, otherwise by value; null is a bin."""
    counts = []
    for name, cuts in edges.items():
        above = " + ".join(f'cast("{name}" > {cut} as integer)' for cut in cuts or ()) or "0"
        text = f'cast("{name}" as varchar)'
        word = f"case {text} when '{NULL}' then '{TEXT_NULL}' else {text} end"
        value = word if cuts is None else f'case when "{name}" is not null then {above} end'
        bin_ = f"coalesce(cast({value} as varchar), '{NULL}')"
        counts.append(
            f"select '{name}' as name, {bin_} as bin, count(*) as rows from {table} group by {bin_}"
        )
    found: dict[str, dict[str, int]] = {name: {} for name in edges}
    for name, bin_, rows in engine.rows(" union all ".join(counts) + " order by name, bin"):
        found[name][bin_] = rows
    return {
        name: {bin_: rows / sum(bins.values()) for bin_, rows in bins.items()} for name, bins in found.items()
    }

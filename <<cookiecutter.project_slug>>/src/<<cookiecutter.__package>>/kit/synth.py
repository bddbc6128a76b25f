# The template's file: edits here meet template updates (copier update merges them).
"""Make any number of rows that keep a contract, in one SQL statement.

In:       a contract, a number of rows, a seed. A column's custom property `synthetic` may hold
          mean and sd (a normal distribution; mean may be SQL over earlier columns), sql (the value
          itself), nulls (their share), start and step (of a timestamp in the key).
Out:      SQL. Every cell is a function of row, seed and column: the same on any machine and number
          of threads, and independent between columns.
Failure:  ContractError CT007 where a column's values cannot be guessed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import prod

from .contract import Column, Contract, moment
from .errors import ContractError
from .predicates import literal

START = datetime(2024, 1, 1)
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def sql(contract: Contract, rows: int, seed: int = 0, bad_ratio: float = 0.0) -> str:
    """A SELECT of `rows` rows; a share of about `bad_ratio` breaks one column's maximum each."""
    broken = [c for c in contract.columns if "maximum" in c.entry.get("logicalTypeOptions", {})]
    broken = [c for c in broken if c.type in ("number", "integer")]
    keys = dict(_keys(contract, rows))
    cells = []
    for column in contract.columns:
        cell = keys.get(column.name) or _cell(contract, column, seed)
        nulls = column.custom.get("synthetic", {}).get("nulls", 0 if column.required else 0.02)
        if nulls:
            cell = f"case when {_uniform(seed, column.name, 'null')} >= {nulls} then {cell} end"
        if bad_ratio and column in broken:
            pick = f"{_uniform(seed, 'bad row')} / {bad_ratio} * {len(broken)}"
            turn = f"floor({pick}) = {broken.index(column)}"
            cell = f"case when {turn} then {column.maximum} + 1 else {cell} end"
        cells.append(f'cast({cell} as {column.sql_type}) as "{column.name}"')
    return f"select {', '.join(cells)} from range({rows}) as r(_row)"


def _uniform(seed: int, *names: str) -> str:
    """SQL for a number in [0, 1). The outer hash matters: the inner one only XORs its parts."""
    return f"(hash(hash(_row, {seed}, {literal(' '.join(names))})) / 18446744073709551616.0)"


def _keys(contract: Contract, rows: int) -> Iterator[tuple[str, str]]:
    """Key columns count: those with an enum turn like wheels, the one without moves on."""
    keys = [contract.column(name) for name in contract.keys]
    wheels = [column for column in keys if column.enum]
    turn = prod(len(column.enum) for column in wheels)
    for place, column in enumerate(wheels):
        step = prod(len(earlier.enum) for earlier in wheels[:place])
        yield column.name, _pick(column, f"(_row // {step}) % {len(column.enum)}")
    for column in keys:
        if column.enum:
            continue
        if column.type == "timestamp":
            yield column.name, _time(column, f"(_row // {turn})", -(-rows // turn))
        elif column.type == "integer":
            yield column.name, f"{max(0, int(str(column.minimum)))} + _row // {turn}"


def _time(column: Column, count: str, counts: int) -> str:
    hint = column.custom.get("synthetic", {})
    start = moment(hint.get("start")) or START
    number, unit = str(hint.get("step", "1 hour")).split()
    step = float(number) * UNITS[unit]
    if isinstance(column.maximum, datetime):  # many rows come closer together, so that all fit
        step = min(step, (column.maximum - start) / timedelta(seconds=1) / counts)
    return f"{literal(start)} + to_microseconds({count} * {int(step * 1_000_000)})"


def _pick(column: Column, index: str) -> str:
    values = ", ".join(literal(value) for value in column.enum or column.entry["examples"])
    return f"([{values}])[1 + cast({index} as integer)]"


def _cell(contract: Contract, column: Column, seed: int) -> str:
    hint = column.custom.get("synthetic", {})
    uniform = _uniform(seed, column.name)
    if "sql" in hint:
        return str(hint["sql"])
    if choices := column.enum or column.entry.get("examples"):
        return _pick(column, f"floor({uniform} * {len(choices)})")
    if "mean" in hint:
        radius = f"sqrt(-2 * ln(greatest({uniform}, 1e-300)))"
        angle = f"cos(2 * pi() * {_uniform(seed, column.name, 'angle')})"
        cell = f"({hint['mean']}) + {hint['sd']} * {radius} * {angle}"
        return _within(column, f"round({cell})" if column.type == "integer" else cell)
    if column.type == "boolean":
        return f"{uniform} < 0.5"
    if column.type in ("number", "integer"):
        low, high = float(str(column.minimum or 0)), float(str(column.maximum or 1))
        cell = f"{low} + {uniform} * ({high} - {low})"
        return f"floor({cell})" if column.type == "integer" else cell
    raise ContractError(
        "CT007",
        f"{contract.path}: column {column.name!r}: its values cannot be guessed",
        "give it examples, an enum, or the custom property synthetic: {sql: ...}",
    )


def _within(column: Column, cell: str) -> str:
    if column.minimum is not None:
        cell = f"greatest({column.minimum}, {cell})"
    return cell if column.maximum is None else f"least({column.maximum}, {cell})"

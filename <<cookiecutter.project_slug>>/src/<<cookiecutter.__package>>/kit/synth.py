# The template's file: edits here meet template updates (copier update merges them).
"""Make any number of rows that keep a contract, in one SQL statement.

In:       a contract, a number of rows, a seed. A column's custom property `synthetic` may hold
          mean and sd (a normal distribution; mean may be SQL over earlier columns), sql (the value
          itself), nulls (their share), start (of a timestamp in the key).
Out:      SQL. Every cell is a function of row, seed and column: the same on any machine and number
          of threads, and independent between columns.
Failure:  ContractError CT007 where a column's values cannot be guessed.
"""

from collections.abc import Iterator
from datetime import datetime
from math import prod

from .contract import Column, Contract
from .errors import ContractError
from .predicates import literal

START, HOUR = "2024-01-01T00:00:00", 3600.0


def sql(contract: Contract, rows: int, seed: int = 0, bad_ratio: float = 0.0) -> str:
    """A SELECT of `rows` rows; a share of about `bad_ratio` breaks the maximum of one column each."""
    numbers = [c for c in contract.columns if c.type == "number" and c.limits.maximum is not None]
    if bad_ratio and not numbers:
        raise ContractError(
            "CT007", f"{contract.path}: no number has a maximum to break", "ask for no bad rows"
        )
    keys = dict(_keys(contract, rows))
    cells = []
    for column in contract.columns:
        cell = keys.get(column.name) or _cell(contract, column, seed)
        nulls = column.custom.get("synthetic", {}).get("nulls", 0 if column.required else 0.02)
        if nulls:
            cell = f"case when {_uniform(seed, column.name, 'null')} >= {nulls} then {cell} end"
        if bad_ratio and column in numbers:
            turn = f"floor({_uniform(seed, 'bad')} / {bad_ratio} * {len(numbers)}) = {numbers.index(column)}"
            cell = f"case when {turn} then {column.limits.maximum} + 1 else {cell} end"
        cells.append(f'cast({cell} as {column.sql_type}) as "{column.name}"')
    return f"select {', '.join(cells)} from range({rows}) as r(_row)"


def _uniform(seed: int, *names: str) -> str:
    """SQL for a number in [0, 1). The outer hash matters: the inner one only XORs its parts."""
    return f"(hash(hash(_row, {seed}, {literal(' '.join(names))})) / 18446744073709551616.0)"


def _keys(contract: Contract, rows: int) -> Iterator[tuple[str, str]]:
    """Key columns count: those with an enum turn like wheels, the others move on after a turn."""
    step = 1
    keys = [column for column in contract.columns if column.key]
    turn = prod(len(column.enum) for column in keys if column.enum)
    for column in keys:
        if column.enum:
            yield column.name, _pick(column, f"(_row // {step}) % {len(column.enum)}")
            step *= len(column.enum)
        elif column.type == "timestamp":
            start = datetime.fromisoformat(column.custom.get("synthetic", {}).get("start", START))
            low, high = column.limits.minimum or datetime.min, column.limits.maximum or datetime.max
            start = start if low <= start < high else low
            room = high - start  # many rows come closer together
            micros = int(min(HOUR, room.total_seconds() / (rows // turn + 1)) * 1e6)
            yield column.name, f"{literal(start)} + to_microseconds((_row // {turn}) * {micros})"
        elif column.type == "integer":
            yield column.name, f"{max(0, column.limits.minimum)} + _row // {turn}"


def _pick(column: Column, index: str) -> str:
    values = ", ".join(literal(value) for value in column.enum or column.examples)
    return f"([{values}])[1 + cast({index} as integer)]"


def _cell(contract: Contract, column: Column, seed: int) -> str:
    hint, uniform = column.custom.get("synthetic", {}), _uniform(seed, column.name)
    low, high = column.limits.minimum, column.limits.maximum
    whole = "round" if column.type == "integer" else ""
    if "sql" in hint:
        return str(hint["sql"])
    if choices := column.enum or column.examples:
        return _pick(column, f"floor({uniform} * {len(choices)})")
    if "mean" in hint:  # Box and Muller, 1958
        normal = f"sqrt(-2 * ln(1 - {uniform})) * cos(2 * pi() * {_uniform(seed, column.name, 'angle')})"
        cell = f"{whole}(({hint['mean']}) + {hint['sd']} * {normal})"
        cell = cell if low is None else f"greatest({low}, {cell})"
        return cell if high is None else f"least({high}, {cell})"
    if column.type == "boolean":
        return f"{uniform} < 0.5"
    if column.type in ("number", "integer"):
        low, high = float(low or 0), float(1 if high is None else high)
        return f"{whole}({low} + {uniform} * ({high} - {low}))"
    raise ContractError(
        "CT007",
        f"{contract.path}: column {column.name!r}: its values cannot be guessed",
        "give it examples, an enum, or the custom property synthetic: {sql: ...}",
    )

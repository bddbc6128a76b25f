"""Make any number of rows that keep a contract, in one SQL statement.

In:       a contract, a number of rows, a seed. A column's custom property `synthetic` may say
          more; its SQL may use earlier columns and the row's number `_row`. The values that a column
          refers to in another table: `engine.made_up` finds them.
Out:      SQL. Every cell is a function of row, seed and column: the same on any machine and number
          of threads, and independent between columns.
Failure:  ContractError CT007 where a column's values cannot be guessed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import prod
from typing import Any

from ..errors import ContractError
from .entries import Limits
from .kinds import BIGINT
from .predicates import literal
from .values import Column, Contract

HOUR = timedelta(hours=1)
LIFE = 100  # times


def sql(
    contract: Contract,
    rows: int,
    seed: int = 0,
    bad_ratio: float = 0.0,
    referred: Mapping[str, Sequence[Any]] | None = None,
) -> str:
    """A SELECT of `rows` rows; a share of about `bad_ratio` breaks the maximum of one column each.

    `referred`: the values of each column that refers to one of another table.
    """
    referred = referred or {}
    numbers = [c for c in contract.measures if c.limits.maximum not in (None, BIGINT["maximum"])]
    numbers = [c for c in numbers if c.type in ("number", "integer")]
    if bad_ratio and not numbers:
        raise ContractError(
            "CT007", f"{contract.path}: no number has a maximum to break", "ask for no bad rows"
        )
    wheels = {
        c.name: referred.get(c.name) or c.enum or _texts(c, contract) for c in contract.columns if c.key
    }
    turn, step, cells = prod(len(values) for values in wheels.values() if values), 1, []
    counted = [c for c in contract.columns if c.key and not wheels[c.name]]
    times, others = ([c for c in counted if (c.type == "timestamp") == time] for time in (True, False))
    # Beside a time, a key such as a customer stays for so many of them: features look back on its rows.
    life = LIFE if times and not any(c.unique or c.synthetic.sql for c in counted) else rows
    for column in contract.columns:
        if column.synthetic.sql is not None:
            cell = column.synthetic.sql
        elif values := wheels.get(column.name):  # they turn like wheels, what else is in the key counts turns
            cell = _pick(values, f"(_row // {step}) % {len(values)}")
            step *= len(values)
        elif values := referred.get(column.name):
            place = "_row" if column.unique else f"floor({_uniform(seed, column.name)} * {len(values)})"
            cell = _pick(values, f"{place} % {len(values)}")
        elif column.key or column.unique:
            every, most = (turn if column.key else 1), rows
            if column in others and life < rows:
                every *= life
            elif column in times and others:
                most = life
            cell = _count(column, rows, every, most)
        else:
            cell = _cell(column, seed)
        if not cell:
            place = f"{contract.path}: column {column.name!r}"
            hint = "give it an enum, examples if it may repeat, or the custom property synthetic: {sql: ...}"
            raise ContractError("CT007", f"{place}: its values cannot be guessed", hint)
        nulls = 0.0 if column.required else column.synthetic.nulls
        if nulls:
            cell = f"case when {_uniform(seed, column.name, 'null')} >= {nulls} then {cell} end"
        if bad_ratio and column in numbers:
            turn_of = f"floor({_uniform(seed, 'bad')} / {bad_ratio} * {len(numbers)})"
            bad = f"{turn_of} = {numbers.index(column)}"
            cell = f"case when {bad} then {column.limits.maximum} + 1 else {cell} end"
        cells.append(f'cast({cell} as {column.sql_type}) as "{column.name}"')
    return f"select {', '.join(cells)} from range({rows}) as r(_row)"


def _texts(column: Column, contract: Contract) -> tuple[Any, ...]:
    """The examples of a text of the key, which comes again beside a time."""
    again = any(c.key and c.type == "timestamp" for c in contract.columns) and not column.unique
    return tuple(dict.fromkeys(column.examples)) if again and column.type == "string" else ()


def _uniform(seed: int, *names: str) -> str:
    """SQL for a number in [0, 1). The outer hash matters: the inner one only XORs its parts."""
    return f"(hash(hash(_row, {seed}, {literal(' '.join(names))})) / 18446744073709551616.0)"


def _pick(values: Sequence[Any], index: str) -> str:
    return f"([{', '.join(map(literal, values))}])[1 + cast({index} as integer)]"


def _count(column: Column, rows: int, every: int, most: int) -> str:
    """SQL for the next value after `every` rows, the first again after `most` values; empty where none can be
    guessed."""
    low, high, count = column.limits.minimum, column.limits.maximum, f"(_row // {every} % {most or 1})"
    if column.type == "timestamp":
        low, high, start = low or datetime.min, high or datetime.max, column.synthetic.start
        start = start if low <= start < high else low
        step = min(HOUR, (high - start) / (min(rows // every, most) + 1))  # many come closer together
        return f"{literal(start)} + to_microseconds({count} * {step // timedelta(microseconds=1)})"
    if column.type == "date":
        first, last, day = low or date.min, high or date.max, column.synthetic.start.date()
        day = day if first <= day and (last - day).days >= most - 1 else first
        return f"{literal(day)} + cast({count} as integer)"
    if column.type in ("number", "integer"):
        from_low = low is not None and (low > 0 or (high is not None and high < rows))
        return f"{low if from_low else 0} + {count}"
    return count if column.type == "string" and column.limits == Limits() else ""


def _cell(column: Column, seed: int) -> str:
    """SQL for any value; empty where none can be guessed."""
    hint, uniform = column.synthetic, _uniform(seed, column.name)
    low, high = column.limits.minimum, column.limits.maximum
    whole = "round" if column.type == "integer" else ""
    if choices := column.enum or column.examples:
        return _pick(choices, f"floor({uniform} * {len(choices)})")
    if hint.model_fields_set & {"mean", "sd"}:  # Box and Muller, 1958
        normal = f"sqrt(-2 * ln(1 - {uniform})) * cos(2 * pi() * {_uniform(seed, column.name, 'angle')})"
        cell = f"{whole}(({hint.mean}) + {hint.sd} * {normal})"
        for nearest, limit in (("greatest", low), ("least", high)):
            cell = cell if limit is None else f"{nearest}({limit}, {cell})"
        return f"case when ({hint.mean}) is not null then {cell} end"
    if column.type == "boolean":
        return f"{uniform} < 0.5"
    if column.type in ("number", "integer"):
        wide = 100 if column.type == "integer" else 1
        low, high = (None if limit in BIGINT.values() else limit for limit in (low, high))  # nobody's own
        if low is None:
            low = 0 if high is None or high > 0 else high - wide
        if high is None:
            high = wide if low < wide else low + wide
        if column.type == "integer":  # exact beyond 2^53, where a double is not
            return f"{low} + cast(floor({uniform} * {high - low + 1}) as hugeint)"
        return f"{float(low)} * (1 - {uniform}) + {float(high)} * {uniform}"
    return ""

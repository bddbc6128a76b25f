"""Make any number of rows that keep a contract, in one SQL statement.

In:       a contract, a number of rows, a seed. A column's custom property `synthetic` may say
          more; its SQL may use earlier columns and the row's number `_row`. The values that a column
          refers to in another table: `engine.made_up` finds them.
Out:      SQL. Every cell is a function of row, seed and column: the same on any machine and number
          of threads, and independent between columns.
Failure:  ContractError CT007 where a column's values cannot be guessed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..errors import ContractError
from . import made_up_keys, not_guessed
from .kinds import BIGINT, quoted_name
from .made_up_keys import Plan
from .predicates import literal
from .values import Column, Contract

HOUR = timedelta(hours=1)


class Referred(NamedTuple):
    """The values that a column can refer to."""

    number: int
    sql: str  # rows of `_place`, from 0, and `_value`


def sql(
    contract: Contract,
    rows: int,
    seed: int = 0,
    bad_ratio: float = 0.0,
    referred: Mapping[str, Referred] | None = None,
) -> str:
    """A SELECT of `rows` rows, or of as many as have different keys; a share of about `bad_ratio` breaks the
    maximum of one column each.

    `referred`: the values of each column that refers to one of another table.
    """
    numbers = [c for c in contract.measures if c.limits.maximum not in (None, BIGINT["maximum"])]
    numbers = [c for c in numbers if c.type in ("number", "integer")]
    if bad_ratio and not numbers:
        raise ContractError(
            "CT007", f"{contract.path}: no number has a maximum to break", "ask for no bad rows"
        )
    referred = referred or {}
    plan = made_up_keys.plan(contract, rows, {name: each.number for name, each in referred.items()})
    cells, joins = [], []
    for column in contract.columns:
        if column.name in referred and column.synthetic.sql is None:
            of = quoted_name(f"values of {column.name}")
            place = _place(column, plan, referred[column.name].number, seed)
            joins.append(f" left join ({referred[column.name].sql}) as {of} on {of}._place = {place}")
            cell = f"{of}._value"
        else:
            cell = _cell(column, contract, plan, seed)
        if not cell:
            raise not_guessed.error(column, contract)
        nulls = 0.0 if column.required else column.synthetic.nulls
        if nulls:
            cell = f"case when {_uniform(seed, column.name, 'null')} >= {nulls} then {cell} end"
        if bad_ratio and column in numbers:
            turn_of = f"floor({_uniform(seed, 'bad')} / {bad_ratio} * {len(numbers)})"
            bad = f"{turn_of} = {numbers.index(column)}"
            cell = f"case when {bad} then {column.limits.maximum} + 1 else {cell} end"
        cells.append(f'cast({cell} as {column.sql_type}) as "{column.name}"')
    ordered = " order by _row" if joins else ""
    return f"select {', '.join(cells)} from range({plan.rows}) as r(_row){''.join(joins)}{ordered}"


def _uniform(seed: int, *names: str) -> str:
    """SQL for a number in [0, 1). The outer hash matters: the inner one only XORs its parts."""
    return f"(hash(hash(_row, {seed}, {literal(' '.join(names))})) / 18446744073709551616.0)"


def _place(column: Column, plan: Plan, number: int, seed: int) -> str:
    """SQL for the place, from 0, of one of so many values."""
    by_chance = "_row" if column.unique else f"floor({_uniform(seed, column.name)} * {number})"
    return f"cast({plan.wheels.get(column.name, f'{by_chance} % {number}')} as bigint)"


def _cell(column: Column, contract: Contract, plan: Plan, seed: int) -> str:
    """SQL for the value of a row; empty where none can be guessed."""
    if column.synthetic.sql is not None:
        return column.synthetic.sql
    if not (column.key or column.unique):
        return _any(column, plan, seed)
    if few := made_up_keys.choices(column, contract):
        return f"([{', '.join(map(literal, few))}])[1 + {_place(column, plan, len(few), seed)}]"
    every, most = (plan.turn if column.key and not column.unique else 1), plan.rows
    if column.name in plan.staying:
        every *= plan.life
    elif column.key and plan.staying:
        most = plan.life
    return _count(column, plan.rows, every, most)


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
    if column.type != "string" or column.limits.pattern is not None:
        return ""
    shortest = column.limits.min_length
    return f"printf('%0{shortest}d', {count})" if shortest > 1 else count


def _any(column: Column, plan: Plan, seed: int) -> str:
    """SQL for any value; empty where none can be guessed."""
    hint, uniform = column.synthetic, _uniform(seed, column.name)
    low, high = column.limits.minimum, column.limits.maximum
    whole = "round" if column.type == "integer" else ""
    if choices := column.enum or column.examples:
        return f"([{', '.join(map(literal, choices))}])[1 + {_place(column, plan, len(choices), seed)}]"
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

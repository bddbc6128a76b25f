"""How the keys of made-up rows go through all that they can be, so that no two rows have the same.

In:       a contract, a number of rows, how many values there are of columns that refer to others.
Out:      a `Plan`.
Failure:  none.

Columns with few values turn like wheels, each a step after the one before has gone round; what counts goes on
when all have. Beside a time, a key such as a customer stays for many times: features look back on its rows.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from .values import Column, Contract

LIFE = 100  # times
MOST_DIGITS = 18  # of the number of a row


class Plan(NamedTuple):
    wheels: dict[str, str]  # column -> SQL of the place of its value, from 0, among the few that it can be
    turn: int  # rows until each wheel is at its first value again
    staying: set[str]  # columns that count on only after `life` times
    life: int
    rows: int  # as many as were asked for, or as there can be


def plan(contract: Contract, rows: int, referred: Mapping[str, int]) -> Plan:
    """`referred`: how many values each column can have that refers to one of another table."""
    keys = [column for column in contract.columns if column.key]
    few = {c.name: n for c in keys if (n := referred.get(c.name) or len(choices(c, contract)))}
    wheels, turn = dict[str, str](), 1
    for column in keys:
        if number := few.get(column.name):
            wheels[column.name] = f"_row // {1 if column.unique else turn} % {number}"
            turn *= number
    counted = [column for column in keys if column.name not in few]
    kind = "timestamp" if contract.timed else "date"
    times = [column for column in counted if column.type == kind]
    others = [column for column in counted if column.type != kind]
    different, span = min(map(_room, others), default=1), min(map(_room, times), default=1)
    free = any(c.unique or c.synthetic.sql is not None for c in counted)
    if times and others and not free and rows > min(LIFE, turn * different):
        life = min(span, max(LIFE, math.ceil(rows / (turn * different))))
        most, staying = turn * different * span, {column.name for column in others}
    else:  # all that counts goes on at once
        life, staying = rows, set()
        most = turn * min(map(_room, counted), default=1 if few else math.inf)
    most = min([rows, most, *_uniques(contract, {**referred, **few})])
    return Plan(wheels, turn, staying, int(life), int(most))


def choices(column: Column, contract: Contract) -> Sequence[Any]:
    """The values that a column of the key, or a unique one, can have if they are few: of an enum, truths, and
    examples of a text, which comes again beside a time."""
    if column.enum or column.type == "boolean":
        return column.enum or (False, True)
    again = any(c.key and c.type in ("timestamp", "date") for c in contract.columns) and not column.unique
    return tuple(dict.fromkeys(column.examples)) if again and column.type == "string" else ()


def _uniques(contract: Contract, few: Mapping[str, int]) -> Iterator[float]:
    """How many rows each unique column can have."""
    for column in contract.columns:
        if column.unique and column.synthetic.sql is None:
            yield few.get(column.name) or len(choices(column, contract)) or _room(column)


def _room(column: Column) -> float:
    """How many values a column that counts can have: infinity if it has no end."""
    low, high = column.limits.minimum, column.limits.maximum
    if column.synthetic.sql is not None:
        return math.inf
    if column.type == "date":
        return int(((high or date.max) - (low or date.min)).days) + 1
    if column.type == "string" and column.limits.max_length is not None:  # it is numbered
        return float(10 ** min(column.limits.max_length, MOST_DIGITS))
    if column.type not in ("integer", "number") or high is None:
        return math.inf
    return float(max(0, math.floor(high - (low or 0)) + 1))

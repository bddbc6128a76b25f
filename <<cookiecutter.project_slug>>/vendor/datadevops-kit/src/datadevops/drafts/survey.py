"""What each column of a table holds: nulls, range, different values, shape of its text.

In:       a table whose cells have the types of a contract.
Out:      `Figures` for each column.
Failure:  none. All rows are read; the number of different values is exact where a guess rests on it.
"""

from dataclasses import dataclass, replace
from typing import Any

from ..contract.kinds import quoted_name
from ..contract.predicates import FINITE, literal
from ..contract.values import Column, Contract
from ..engine.start import Engine
from . import shapes
from .looks import AT_ONCE

MOST_VALUES = 20  # of an enum
FEWEST_REPEATS = 5  # rows for each value of an enum, on average
FEWEST_ROWS = 30  # from which different values are no accident
NEARLY_ALL = 0.8  # the count of different values is an estimate at first
LONGEST_SHAPE = 40
FAR = 20  # standard deviations
MODERATE = 1e100  # beyond, a variance is not finite


@dataclass(frozen=True)
class Figures:
    rows: int
    known: int  # rows where it is not null
    different: int  # values, about
    low: Any = None  # of a number, day or time; of a text its length
    high: Any = None
    mean: float | None = None
    sd: float | None = None
    whole: bool = False  # a number without fractions in any row
    unique: bool = False
    values: tuple[str, ...] = ()  # of a text with few, the most frequent first
    shape: str = ""  # of a text whose values all look alike: 9, A and a stand for digits and letters

    @property
    def extreme(self) -> Any:
        """The smallest or largest number, where it lies far from the others; else None."""
        if self.mean is None or not self.sd:
            return None
        far = max(self.low, self.high, key=lambda end: abs(end - self.mean))
        return far if abs(far - self.mean) > FAR * self.sd else None

    @property
    def nulls(self) -> int:
        return self.rows - self.known


def figures(engine: Engine, contract: Contract, rows: str) -> dict[str, Figures]:
    """Column -> its figures; `rows` is the SQL of the table."""
    ((count,),) = engine.rows(f"select count(*) from {rows}")
    found = {}
    for start in range(0, len(contract.columns), AT_ONCE):
        part = contract.columns[start : start + AT_ONCE]
        wanted = ", ".join(part for column in part for part in _wanted(column))
        (cells,) = engine.rows(f"select {wanted} from {rows}")
        for column, *each in zip(part, *(cells[place::7] for place in range(7)), strict=True):
            found[column.name] = _closer(engine, rows, column, Figures(count, *each))
    return found


def _wanted(column: Column) -> tuple[str, ...]:
    """SQL for known, different, low, high, mean, sd, whole."""
    name = quoted_name(column.name)
    about = f"count({name})", f"approx_count_distinct({name})"
    if column.type == "boolean":
        return *about, *["null"] * 4, "false"
    if column.type == "string":
        return *about, f"min(length({name}))", f"max(length({name}))", "null", "null", "false"
    if column.type == "integer":  # a decimal without fractions too
        name = f"try_cast({name} as hugeint)"
    finite = FINITE.get(column.type, "true").format(name)
    ends = f"min({name}) filter ({finite})", f"max({name}) filter ({finite})"
    if column.type not in ("number", "integer"):
        return *about, *ends, "null", "null", "false"
    moderate = f"filter ({name} between -{MODERATE} and {MODERATE})"
    spread = f"avg({name}) {moderate}", f"stddev_pop({name}) {moderate}"
    return *about, *ends, *spread, f"coalesce(bool_and({name} = floor({name})) filter ({finite}), false)"


def _closer(engine: Engine, rows: str, column: Column, seen: Figures) -> Figures:
    """The figures with those that take a look of their own, where they can matter."""
    name = quoted_name(column.name)
    if column.type == "string" and seen.known and seen.different <= 2 * MOST_VALUES:
        asked = f"select {name} from {rows} where {name} is not null group by 1 order by count(*) desc, 1"
        values = tuple(value for (value,) in engine.rows(f"{asked} limit {MOST_VALUES + 1}"))
        if len(values) <= MOST_VALUES:
            seen = replace(seen, values=values, different=len(values))
    if column.type in ("string", "integer") and seen.different >= NEARLY_ALL * seen.known:
        again = f"select 1 from {rows} where {name} is not null group by {name} having count(*) > 1 limit 1"
        unique = seen.known >= FEWEST_ROWS and not engine.rows(again)
        seen = replace(seen, unique=unique, different=seen.known if unique else seen.different)
    if column.type == "string" and seen.low == seen.high and 0 < (seen.high or 0) <= LONGEST_SHAPE:
        ((one,),) = engine.rows(f"select min({name}) from {rows}")
        shape, alike = shapes.of(one), f"regexp_full_match({name}, {literal(shapes.pattern(shapes.of(one)))})"
        if shape and engine.rows(f"select bool_and({alike}) from {rows}") == [(True,)]:
            seen = replace(seen, shape=shape)
    return seen

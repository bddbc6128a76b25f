"""The smallest set of columns that identifies a row.

In:       a table, the columns that could be part of a key, the likely ones first.
Out:      every such set of the smallest size, the likeliest first.
Failure:  none: an empty list where no set of up to four columns does. ContractError CT022 for a key that is
          given, and does not identify each row.

Few rows refute most sets. A set that they do not refute is tried on all rows, and where those refute it, some
of the rows that do join the few: so all rows are read for few sets only.
"""

from collections.abc import Sequence
from itertools import combinations

from ..contract.kinds import listed
from ..engine.start import Engine
from ..errors import ContractError, nearest

MOST_COLUMNS = 4
MOST_CANDIDATES = 12  # more make too many sets
FEW = 10_000  # rows
EXAMPLES = 50  # of repeated values, whose rows join the few
MOST_SHOWN = 3


def smallest(engine: Engine, rows: str, names: Sequence[str]) -> list[tuple[str, ...]]:
    """At most three sets of the smallest size; `rows` is the SQL of the table, `names` hold no null."""
    if not names:
        return []
    engine.keep("_few", f"select {listed(names)} from {rows} limit {FEW}")
    for size in range(1, MOST_COLUMNS + 1):
        found = list[tuple[str, ...]]()
        for place in sorted(combinations(range(len(names)), size), key=sum):
            columns = tuple(names[each] for each in place)
            if _repeats(engine, "_few", columns):
                continue
            if not _repeats(engine, rows, columns):
                found.append(columns)
            else:
                _refute(engine, rows, columns, names)
            if len(found) == MOST_SHOWN:
                break
        if found:
            return found
    return []


def required(engine: Engine, rows: str, key: Sequence[str], could: Sequence[str]) -> tuple[str, ...]:
    """The key that people name. Raises ContractError CT022 if it does not identify each row."""
    hint = f"a key is of columns that are never null and no measure: {', '.join(could) or 'there is none'}"
    for name in key:
        if name not in could:
            raise ContractError("CT022", f"{name!r} cannot be in the key, {nearest(name, could)}", hint)
    columns = tuple(key)
    groups = f"select count(*) as n from {rows} group by {listed(columns)}"
    ((again,),) = engine.rows(f"select coalesce(sum(n), 0) from ({groups}) where n > 1")
    if again:
        text = f"{int(again):,} rows have the same {' with '.join(columns)} as another one"
        raise ContractError("CT022", text, "name more columns, or have the rows corrected")
    return columns


def identifying(engine: Engine, rows: str, sets: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those of the sets of columns of which no two rows have the same values."""
    return [columns for columns in sets if not _repeats(engine, rows, columns)]


def _repeats(engine: Engine, rows: str, columns: Sequence[str]) -> bool:
    return bool(engine.rows(f"select 1 from {rows} group by {listed(columns)} having count(*) > 1 limit 1"))


def _refute(engine: Engine, rows: str, columns: Sequence[str], names: Sequence[str]) -> None:
    """Put rows that have the same `columns` to the few."""
    again = f"select {listed(columns)} from {rows} group by all having count(*) > 1 limit {EXAMPLES}"
    joined = f"select {listed(names)} from {rows} semi join ({again}) using ({listed(columns)}) limit {FEW}"
    engine.keep("_more", f"from _few union all {joined}")
    engine.keep("_few", "from _more")

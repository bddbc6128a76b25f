"""Whether line 1 of a CSV file names the columns, or is a row.

In:       the names; how the cells below them look.
Out:      nothing.
Failure:  DataError DQ004 (line 1 is a row).

A name that looks like all cells below it, as 7 above whole numbers, says that line 1 is a row. A name that
does not, as `boxes` above whole numbers, says that it is a header, whatever the others are. Cells of plain
text tell nothing. Nor do names such as 2019, 2020, 2021, which may be years: there `decisions` asks.

Of 725 tables of R packages (pydataset) one is refused with its header, whose numbers have unequal distances;
without their headers all but 6 are, 5 of which have nothing but words.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ..contract.predicates import literal
from ..engine.start import Engine
from ..errors import DataError
from . import looks, nulls

MOST_NAMED = 4
UNNAMED = re.compile(r"column\d+")  # what `csv_file` calls a column whose name is empty
YEARS = range(1900, 2101)
HINT = "put a line in front of it that names the columns, or have it written so at the source"


def refuse_row(engine: Engine, seen: Mapping[str, Mapping[str, int]]) -> None:
    """Raise DataError if line 1 is a row. `seen`: name -> look -> how many cells look so, see `looks`."""
    alike = {name: _of_all(counts) for name, counts in seen.items()}
    alike = {name: found for name, found in alike.items() if found and not _is_empty(name)}
    columns = list(alike)
    for start in range(0, len(columns), looks.AT_ONCE):  # of a header, the first tell
        part = columns[start : start + looks.AT_ONCE]
        if not all(_is_alike(engine, {name: alike[name] for name in part})):
            return
    if columns and not _is_scale(columns):
        shown = ", ".join(map(repr, columns[:MOST_NAMED]))
        text = f"line 1 has to name the columns, and looks like a row: {shown} look like the cells below them"
        raise DataError("DQ004", text, HINT)


def _is_alike(engine: Engine, alike: Mapping[str, Sequence[str]]) -> tuple[bool, ...]:
    """Of each name, whether it has one of these looks."""
    tests = (" or ".join(looks.is_so(literal(name), look) for look in found) for name, found in alike.items())
    return engine.rows(f"select {', '.join(f'coalesce({test}, false)' for test in tests)}")[0]


def _of_all(counts: Mapping[str, int]) -> list[str]:
    """The looks that all cells of a column have."""
    found = [look for look, count in counts.items() if look and 0 < counts[""] == count]
    # 0 and 1 are whole numbers here: above them, `t` and `y` are names.
    return [look for look in found if look != "boolean" or "integer" not in found]


def _is_empty(name: str) -> bool:
    return bool(UNNAMED.fullmatch(name)) or name.strip().lower() in nulls.WORDS


def _is_scale(names: Sequence[str]) -> bool:
    """Whether these are years, or three or more numbers at equal distances.

    >>> _is_scale(["2010", "2015", "2018"]), _is_scale(["0", "6", "12"]), _is_scale(["7", "1.5"])
    (True, True, False)
    """
    try:
        numbers = [float(name) for name in names]
    except ValueError:
        return False
    if all(number in YEARS for number in numbers):
        return True
    steps = {round(after - before, 9) for before, after in pairwise(numbers)}
    return len(numbers) >= 3 and len(steps) == 1 and min(steps) > 0

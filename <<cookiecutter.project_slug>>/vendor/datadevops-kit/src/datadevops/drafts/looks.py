"""What text looks like: numbers, days, times, truths, codes.

In:       a table, its columns of text.
Out:      for each column, how many of its cells look like what.
Failure:  none.

Every look is tried on the first rows; on all rows, only those that most of the first rows have.
"""

from collections.abc import Iterable, Mapping, Sequence

from ..contract.kinds import listed, quoted_name
from ..contract.predicates import FINITE, literal
from ..engine.csv_file import value
from ..engine.start import Engine

FIRST_ROWS = 10_000
FEWEST_ROWS = 200  # in which looks are tried, however many columns there are
FIRST_CELLS = 500_000
MOST = 0.8  # of the cells: a column with more exceptions is none of that look
AT_ONCE = 40  # columns in one statement
DAY_FORMS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d-%b-%Y", "%Y%m%d")
PATTERNS = {
    "code": r"\s*(0[0-9]+|\+[0-9]{6,})\s*",  # 007, +4930901820
    "power": r"\s*[0-9]+[eE][0-9]+\s*",  # 12E4
    "fraction": r"\s*[+-]?[0-9]*\.[0-9]*([eE][+-]?[0-9]+)?\s*",
    "whole": r"\s*[+-]?[0-9]+\s*",
    "comma": r"\s*[+-]?[0-9.]*,[0-9]+\s*",  # 1.234,5
    # $870,000 or 1,234,567 or 950
    "amount": r"\s*[+-]?[$€£¥]?\s?[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?\s*",
    "utc": r".*[Zz]\s*",
    "zoned": r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+ ?[+-][0-9:]{2,5}\s*",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "email": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+",
}
VALUES = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
LOOKS = (*VALUES, *PATTERNS, *DAY_FORMS)


def counted(engine: Engine, table: str, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Column -> look -> how many cells look so; under "" how many are not null."""
    few = _of_first_rows(engine, table, columns) if columns else {}
    likely = {name: [look for look in LOOKS if seen[look] >= MOST * seen[""]] for name, seen in few.items()}
    for looks in likely.values():
        if "number" in looks:  # one of them is enough
            looks.extend(look for look in ("code", "power", "fraction") if look not in looks)
    return _counts(engine, table, likely)


def _of_first_rows(engine: Engine, table: str, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Each look of each column in some rows. One expression for each look, whatever the number of columns: to
    plan a regular expression takes longer than to use it."""
    rows = min(FIRST_ROWS, max(FEWEST_ROWS, FIRST_CELLS // len(columns)))
    few = f"(select {listed(columns)} from {table} limit {rows})"
    cells = f"unpivot {few} on columns(*) into name _name value _cell"
    wanted = ", ".join(_count("_cell", look) for look in ("", *LOOKS))
    found = engine.rows(f"select _name, {wanted} from ({cells}) group by _name")
    none = dict.fromkeys(columns, dict.fromkeys(("", *LOOKS), 0))  # a column of nulls has no cells here
    return none | {name: dict(zip(("", *LOOKS), counts, strict=True)) for name, *counts in found}


def is_so(cell: str, look: str) -> str:
    """SQL that is true for a cell of text that looks so."""
    if look in PATTERNS:
        return f"regexp_full_match({cell}, {literal(PATTERNS[look])})"
    if look in DAY_FORMS:
        return f"try_strptime({cell}, {literal(look)}) is not null"
    found = value(cell, VALUES[look])
    return FINITE.get(look, "{0} is not null").format(f"({found})")


def _counts(engine: Engine, rows: str, asked: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    names, counts = list(asked), dict[str, dict[str, int]]()
    for start in range(0, len(names), AT_ONCE):
        part = [(name, look) for name in names[start : start + AT_ONCE] for look in ("", *asked[name])]
        wanted = ", ".join(_count(quoted_name(name), look) for name, look in part)
        for (name, look), (count,) in zip(
            part, zip(*engine.rows(f"select {wanted} from {rows}"), strict=True), strict=True
        ):
            counts.setdefault(name, {})[look] = count
    return counts


def _count(cell: str, look: str) -> str:
    return f"count({cell}) filter ({is_so(cell, look)})" if look else f"count({cell})"

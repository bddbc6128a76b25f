"""Read a CSV file, and guess nothing: a guess may take a line for a comment and lose it.

In:       a file in UTF-8 whose first line names its columns, with `,`, `;`, `|` or tabs between cells.
Out:      SQL for its rows, each cell of the type that is asked for, or text.
Failure:  HeaderError, csv.Error, UnicodeError for a header. What else is wrong the SQL says as it runs: a
          line of another length, a cell that its type would round; `csv_fault` says in which line.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..contract.kinds import quoted_name
from ..contract.predicates import literal
from .files import repeated, without

DELIMITERS = ",;|\t"
MOST_IN_A_LINE = 2_000_000  # bytes that DuckDB takes for one
PARTS = "\x1f"  # between the parts of what is said of a cell of a wrong type: column, cell, type
# Text that a cast to these types takes as it stands; a time may say that it is UTC.
EXACT = {
    "DOUBLE": r"[^_]*",
    "DATE": r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*",
    "INT": r"\s*[+-]?[0-9]+\s*",
    "TIMESTAMP": r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?)?\s*",
}


class HeaderError(Exception):
    """What is wrong with the names of the columns."""


def sql(path: Path, file: str, types: Mapping[str, str], missing: Mapping[str, Sequence[str]]) -> str:
    """SQL for the rows of `path`, which is `file` in SQL; `types`: column name -> SQL type; `missing`: column
    name -> cells that count as null."""
    delimiter, names = first_line(path, types)
    if not names:
        raise HeaderError("line 1 is empty, and has to name the columns")
    if same := repeated(names):
        raise HeaderError(same)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    form = f"header = true, delim = '{delimiter}', quote = '\"', escape = '\"'"
    cells = ", ".join(_cell(name, types.get(name, "VARCHAR"), missing.get(name, ())) for name in names)
    return f"select {cells} from read_csv({file}, auto_detect = false, {form}, columns = {{{columns}}})"


def first_line(path: Path, types: Mapping[str, str]) -> tuple[str, list[str]]:
    """What stands between cells, and the names of the columns: the sign by which most of them are names of
    `types`, else the sign that stands in the first line most often, outside of quotes."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        line = text.readline(MOST_IN_A_LINE)
        while line.count('"') % 2 and len(line) < MOST_IN_A_LINE and (more := text.readline(MOST_IN_A_LINE)):
            line += more  # a name may have an end of line
    line.encode()  # of this line, and not of those that are read ahead

    def names(delimiter: str) -> list[str]:
        cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True), [])
        return [name or f"column{place}" for place, name in enumerate(cells)]

    known = dict.fromkeys(DELIMITERS, 0)
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # of a line that another sign divides
            known[delimiter] = len(types.keys() & set(names(delimiter)))
    bare = re.sub('"[^"]*"', "", line)
    best = max(DELIMITERS, key=lambda delimiter: (known[delimiter], bare.count(delimiter)))
    return best, names(best)


def value(cell: str, type_: str) -> str:
    """SQL for a cell of text as `type_`; null where a cast would fail, round or shift it."""
    kept = next((pattern for kind, pattern in EXACT.items() if kind in type_), ".*")
    return f"case when regexp_full_match({cell}, '{kept}', 's') then try_cast({cell} as {type_}) end"


def _cell(name: str, type_: str, missing: Sequence[str]) -> str:
    """SQL for a cell of text as `type_`; one that has no such value is an error."""
    cell = without(quoted_name(name), missing)
    if type_ == "VARCHAR":
        return f"{cell} as {quoted_name(name)}"
    fault = f"error({literal(name + PARTS)} || {cell} || {literal(PARTS + type_)})"
    typed = f"coalesce({value(cell, type_)}, case when {cell} is not null then {fault} end)"
    return f"{typed} as {quoted_name(name)}"

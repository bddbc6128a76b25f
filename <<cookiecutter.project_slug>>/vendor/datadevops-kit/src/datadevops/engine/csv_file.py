"""Read a CSV file, and guess nothing: a guess may take a line for a comment and lose it.

In:       a file in UTF-8 whose first line names its columns, with `,`, `;`, `|` or tabs between cells.
Out:      SQL for its rows, each cell of the type that is asked for, or text.
Failure:  UnicodeError, csv.Error for a header that cannot be read or names a column twice. What else
          is wrong the SQL says as it runs: a line of another length, a cell its type would round.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

from ..contract.predicates import literal

DELIMITERS = ",;|\t"
# Text that a cast to these types takes as it stands; a time may say that it is UTC.
EXACT = {
    "DOUBLE": r"[^_]*",
    "INT": r"\s*[+-]?[0-9]+\s*",
    "TIMESTAMP": r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?)?\s*",
}


def sql(path: Path, file: str, types: Mapping[str, str]) -> str:
    """SQL for the rows of `path`, which is `file` in SQL; `types`: column name -> SQL type."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        delimiter = max(DELIMITERS, key=text.readline().count)
        text.seek(0)
        header = next(csv.reader(text, delimiter=delimiter), [])
    names = [name or f"column{place}" for place, name in enumerate(header or [""])]
    lower = [name.lower() for name in names]
    if twice := [name for name in names if lower.count(name.lower()) > 1]:
        raise csv.Error(f"more than one column is called {twice[0]!r}")
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    form = f"header = true, delim = '{delimiter}', quote = '\"', escape = '\"'"
    cells = ", ".join(_cell(name, types.get(name, "VARCHAR")) for name in names)
    return f"select {cells} from read_csv({file}, auto_detect = false, {form}, columns = {{{columns}}})"


def _cell(name: str, type_: str) -> str:
    """SQL for a cell of text as `type_`; what a cast would round or shift is an error instead."""
    kept = next((pattern for kind, pattern in EXACT.items() if kind in type_), ".*")
    cell = '"' + name.replace('"', '""') + '"'
    fault = f"error({literal(f'{name}: ')} || {cell} || ' is no {type_}')"
    good = f"{cell} is null or regexp_full_match({cell}, '{kept}', 's')"
    return f"case when {good} then cast({cell} as {type_}) else {fault} end as {cell}"

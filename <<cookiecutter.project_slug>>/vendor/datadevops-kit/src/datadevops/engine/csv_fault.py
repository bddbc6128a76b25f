"""What is wrong with a CSV file that cannot be read: the line and the reason.

In:       the file, and what DuckDB says, which may be a line of any length and options that are not ours.
Out:      text for people, and what they can do.
Failure:  none of its own.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from ..contract.kinds import kind_of
from ..errors import counted
from . import csv_file

ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}
NAMED = (
    "give each column a name of its own in line 1; if line 1 is a row already, put a line with names in front"
)
AGAIN = "have the file made again at its source"


def explain(path: Path, types: Mapping[str, str], error: Exception) -> tuple[str, str]:
    """What is wrong, in which line; and what to do."""
    if isinstance(error, csv_file.HeaderError):
        return str(error), NAMED
    before = csv.field_size_limit(csv_file.MOST_IN_A_LINE)  # of the process
    try:
        return _first_fault(path, types, str(error)) or (_reason(error), AGAIN)
    finally:
        csv.field_size_limit(before)


def _first_fault(path: Path, types: Mapping[str, str], said: str) -> tuple[str, str] | None:
    """The first line whose form is wrong, or that has the cell of which is `said` that its type is wrong."""
    column, _, rest = said.removeprefix("Invalid Input Error: ").partition(csv_file.PARTS)
    cell, _, type_ = rest.rpartition(csv_file.PARTS)
    ends: list[str] = []
    start, first = 1, ""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        try:
            delimiter, names = csv_file.first_line(path, types)
            reader = csv.reader(_lines(text, ends), delimiter=delimiter, strict=True)
            for cells in reader:
                first = first or ends[-1]
                if ends[-1] not in ("", first):
                    told = f"line {reader.line_num} ends with {ENDS[ends[-1]]}, line 1 with {ENDS[first]}"
                    return told, "give all lines the same end; `dos2unix` does"
                if cells and (len(cells) < len(names) or cells[len(names) :] not in ([], [""])):
                    count = f"the header has {counted(len(names), 'cell')}, this line {len(cells)}"
                    return f"line {start}: {count}; it begins with {_shown(cells[:3])}", AGAIN
                if type_ and cells and cells[names.index(column)] == cell:
                    return f"line {start}: {column}: {_shown([cell])} is no {kind_of(type_) or type_}", AGAIN
                start = reader.line_num + 1
        except UnicodeError:
            return f"line {len(ends) or 1} is not UTF-8", "save it in UTF-8 at its source"
        except csv.Error as error:
            return f"line {start}: {_lost_quote(error)}", AGAIN
    return None


def _lines(text: TextIO, ends: list[str]) -> Iterator[str]:
    """The lines; the ends of those so far stand in `ends`. Raises UnicodeError, csv.Error."""
    while line := text.readline(csv_file.MOST_IN_A_LINE + 1):
        ends.append(line[len(line.rstrip("\r\n")) :])
        line.encode()  # a sign that was no UTF-8 has none
        if len(line) > csv_file.MOST_IN_A_LINE:
            raise csv.Error("limit")
        yield line


def _lost_quote(error: csv.Error) -> str:
    if "expected after" in str(error):
        return 'text follows a quote that closes a cell; a quote within a cell is written twice: ""'
    if "limit" in str(error):
        return f"it is longer than {csv_file.MOST_IN_A_LINE:,} characters, or a quote in it is never closed"
    return "a quote is opened and never closed"


def _shown(cells: Sequence[str]) -> str:
    return ", ".join(repr(cell if len(cell) <= 40 else f"{cell[:37]}...") for cell in cells)


def _reason(error: Exception) -> str:
    """What DuckDB says, without the line itself and without its options."""
    text = str(error).split("Possible fixes")[0]
    kept = [line for line in text.splitlines() if line and not line.startswith("Original Line")]
    return re.sub(r"^.*?CSV Error on Line: ", "line ", " ".join(kept))[:300]

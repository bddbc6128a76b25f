"""The entry of a column in a drafted contract.

In:       what was found in the file about the column, and its place in the key.
Out:      lines of YAML, each with what was seen.
Failure:  none.
"""

from collections.abc import Iterator

from ..errors import counted
from .columns import Found
from .meanings import Known
from .rules import rules
from .survey import Figures
from .yaml_text import Line, flow


def entry(column: Found, seen: Figures, place: int, key: str, numbered: bool, known: Known) -> Iterator[Line]:
    """The entry of a column that has a type. `place`: in the key, from 1 on, 0 outside of it; `key`: what is
    to be said about the key; `known`: what the column is in another contract."""
    yield (
        f"- name: {flow(column.name)}",
        "a word of SQL: write it in double quotes there" if column.quoted else "",
    )
    if column.there != column.name:
        yield f"  physicalName: {flow(column.there)}", "guess: a contract does not allow this as a name"
    unit = ", and its unit" if column.type in ("integer", "number") else ""
    yield f"  description: {flow(known.meaning or f'TODO: what it is{unit}')}", ""
    yield f"  logicalType: {column.type}", _about_type(column, seen)
    if place:
        yield "  required: true", ""
        yield "  primaryKey: true", key if place == 1 else ""
        yield f"  primaryKeyPosition: {place}", ""
    elif known.optional and not seen.nulls:
        yield "  required: false", "guess: no null so far, but an outer join may find no partner"
    elif not seen.nulls:
        yield "  required: true", f"guess: no null in {counted(seen.rows, 'row')}"
    elif seen.known:
        yield "  required: false", f"null in {seen.nulls:,} of {seen.rows:,} rows"
    if seen.unique and not place:
        instead = "; if you delete it, write `examples`" if column.type == "string" else ""
        found = f"{counted(seen.known, 'different value')} in {counted(seen.known, 'row')}"
        yield "  unique: true", f"guess: {found}{instead}"
    for line, about in rules(column, seen, bool(place), numbered):
        yield f"  {line}", about


def _about_type(column: Found, seen: Figures) -> str:
    if column.why:
        return f"guess: {column.why}"
    if not seen.known:
        return "guess: no row has a value"
    if column.type == "number" and seen.whole:
        whole = "guess: only whole numbers, as some tools write them where there are nulls"
        return f"{whole}, or a sum in SQL: cast(... as bigint) makes it an integer"
    if column.type == "integer" and (seen.low, seen.high) == (0, 1):
        return "guess: only 0 and 1, perhaps a boolean"
    return ""

"""Where the SQL of a file is wrong, and what was probably meant.

In:       the file, its text, what DuckDB says of it, and DuckDB itself, which knows the tables.
Out:      the file with the line, where DuckDB names one; its words, with the nearest column, or with the word
          of SQL that stands there without quotes.
Failure:  none.
"""

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..errors import first_line, first_lines, nearest

Rows = Callable[[str], list[tuple[Any, ...]]]

LINE = re.compile(r"^LINE ([0-9]+):", re.MULTILINE)
UNKNOWN = re.compile(
    r'column (?:named )?"([^"]+)"(?: not found| does not exist|$)', re.IGNORECASE | re.MULTILINE
)
CONVERTED = re.compile(r"^Conversion Error:.*casting from source column (\w+)", re.DOTALL)
TEXT = "where `{0}`, which is text, meets a number or a time, cast that to text: `cast(... as varchar)`"
OF_FILE = "a column of a delivered file is there only if the contract of its source has it: add it there"
QUOTE = "`{0}` is a word of SQL: write it in double quotes"
WORDS = """
    select keyword_name from duckdb_keywords()
    where keyword_category in ('reserved', 'type_function')
"""


def explain(path: Path, text: str, error: Exception, rows: Rows) -> tuple[str, str]:
    """The place in the file, and what is wrong there."""
    place, said = _place(path, error), first_lines(error)
    try:
        tree = sqlglot.parse_one(text, read="duckdb")  # it lets pass what DuckDB does not
    except SqlglotError:
        return place, said
    if unknown := UNKNOWN.search(str(error)):
        return place, f"{first_line(error)}; {column_hint(unknown[1], _columns(tree, rows))}"
    if cell := CONVERTED.search(str(error)):  # the line that DuckDB names is of its own text, if any
        lines = [each.meta["line"] for each in _met(tree, cell[1]) if "line" in each.meta]
        return f"{path}:{min(lines)}" if lines else place, f"{said}; {TEXT.format(cell[1])}"
    if isinstance(error, duckdb.ParserException) and (bare := list(_bare_words(tree, rows))):
        said = "; ".join([said, *dict.fromkeys(QUOTE.format(name.name) for name in bare)])
        return f"{path}:{bare[0].meta.get('line', 1)}", said
    return place, said


def column_hint(name: str, known: Collection[str]) -> str:
    """What to do about a column that no table has."""
    near = nearest(name, known)
    return near if near.startswith("did you mean") else f"{near}; {OF_FILE}"


def of_parser(path: Path, text: str, error: SqlglotError) -> tuple[str, str]:
    """The place in a file that cannot be parsed, and why: in DuckDB's words, which name the line, if it finds
    the fault too."""
    try:
        duckdb.extract_statements(text)
    except duckdb.Error as own:
        return _place(path, own), first_lines(own)
    return str(path), first_line(error)


def words(rows: Rows) -> set[str]:
    """The words that are no names in SQL unless they stand in double quotes, in small letters."""
    return {word for (word,) in rows(WORDS)}


def _place(path: Path, error: Exception) -> str:
    return f"{path}:{line[1]}" if (line := LINE.search(str(error))) else str(path)


def _columns(tree: exp.Expr, rows: Rows) -> list[str]:
    """The columns of the tables that a statement reads, and those that its own steps make."""
    tables = ", ".join({exp.Literal.string(each.name.lower()).sql() for each in tree.find_all(exp.Table)})
    known = rows(f"select column_name from duckdb_columns() where lower(table_name) in ({tables or 'null'})")
    own = [each.alias for each in tree.find_all(exp.Alias)]
    return sorted({name for (name,) in known} | set(own))


def _met(tree: exp.Expr, name: str) -> Iterator[exp.Expr]:
    """The places where a column of this name is compared with something, or converted."""
    for column in tree.find_all(exp.Column):
        if column.name.lower() == name.lower() and column.find_ancestor(exp.Predicate, exp.Cast):
            yield column.this
    for join in tree.find_all(exp.Join):
        yield from (each for each in join.args.get("using") or () if each.name.lower() == name.lower())


def _bare_words(tree: exp.Expr, rows: Rows) -> Iterator[exp.Identifier]:
    reserved = words(rows)
    for column in tree.find_all(exp.Column):
        name = column.this
        bare = isinstance(name, exp.Identifier) and not name.quoted and not column.table
        if bare and name.name.lower() in reserved:
            yield name

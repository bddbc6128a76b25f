"""What is wrong with a request: every row, column and rule that is broken, not only the first.

In:       a contract, a body that could not be read as its rows.
Out:      violations. None repeats a value that was sent: it may be personal.
Failure:  msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is no JSON, or not of the form
          `{"rows": [...]}`.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from ..contract.values import Column, Contract
from ..errors import nearest
from . import given, row_types

MOST_NAMED = 20  # violations in an answer

# Part of msgspec's message about a cell -> the rule, as the SQL checks name it; the first match counts.
# A value is part of the message about an enum only.
RULES = {
    "enum": "enum",
    "got `null`": "null",
    "got `": "type",
    "out of range": "finite",
    "length >=": "minLength",
    "length <=": "maxLength",
    ">=": "minimum",
    "<=": "maximum",
    "pattern": "pattern",
    "": "type",
}
FORMS = {
    "date": ("date as", date(2024, 1, 31)),
    "timestamp": ("timestamp in UTC, without zone, as", datetime(2024, 1, 31, 12)),
}


class Violation(msgspec.Struct, omit_defaults=True):
    row: int | None  # index in the request, from 0; None: the object around the rows
    column: str
    rule: str  # one of REQUEST_RULES of `contract.predicates`
    expected: str
    given: str = ""  # of rule `type`: what it is instead, in words, such as "a day without a time"


class Pairs(list[tuple[str, Any]]):
    """A JSON object with all its keys."""

    def repeated(self, row: int | None) -> list[Violation]:
        times = Counter(name for name, _ in self)
        return [Violation(row, name[:60], "duplicate", "once") for name in sorted(times) if times[name] > 1]


class Explainer:
    def __init__(self, contract: Contract) -> None:
        self._columns = {column.name: column for column in contract.columns}
        self._rows = row_types.decoder(row_types.body_type(msgspec.Raw))
        self._row = row_types.decoder(dict[str, msgspec.Raw])
        self._cells = {each.name: row_types.decoder(row_types.cell(each)) for each in contract.columns}

    def explain(self, body: bytes) -> tuple[list[Violation], int]:
        """All violations, in the order of the rows; the number of rows."""
        found = repeated(body)
        if found and found[0].row is None:
            return found, 0
        rows = self._rows(body).rows
        found += [each for place, row in enumerate(rows) for each in self._of_row(place, row)]
        found.sort(key=lambda each: each.row or 0)
        for each in found[:MOST_NAMED]:  # of a megabyte of unknown names it would take seconds
            if each.rule == "unknown":
                each.expected = nearest(each.column, self._columns)
        return found, len(rows)

    def _of_row(self, place: int, row: msgspec.Raw) -> Iterator[Violation]:
        try:
            cells = self._row(row)
        except msgspec.ValidationError:
            yield Violation(place, "", "type", "an object")
            return
        for name, column in self._columns.items():
            if name not in cells:
                yield Violation(place, name, "missing", kind(column))
                continue
            try:
                value = self._cells[name](cells[name])
            except msgspec.ValidationError as fault:
                rule = next(rule for words, rule in RULES.items() if words in str(fault))
                told = given.words(bytes(cells[name]).decode(errors="replace"), column.type, str(fault))
                yield Violation(place, name, rule, expected(column, rule), told if rule == "type" else "")
            else:
                if limit := broken_limit(column, value):
                    yield Violation(place, name, limit, expected(column, limit))
        for name in cells:
            if name not in self._columns:
                yield Violation(place, name[:60], "unknown", "a column of the contract")


def repeated(body: bytes) -> list[Violation]:
    """The keys that occur twice in one object: parsers keep the last and say nothing. Those around the rows
    first; empty if `body` is not JSON."""
    try:
        request = json.loads(body, object_pairs_hook=Pairs, parse_int=str)
    except (ValueError, RecursionError):
        return []
    if not isinstance(request, Pairs):
        return []
    rows = dict(request).get("rows")
    places = enumerate(rows if isinstance(rows, list) else [])
    inside = (each for place, row in places if isinstance(row, Pairs) for each in row.repeated(place))
    return [*request.repeated(None), *inside]


def broken_limit(column: Column, value: Any) -> str | None:
    """The rule that a day or a time breaks; msgspec checks all other limits."""
    if not isinstance(value, date):
        return None
    least, most = column.limits.minimum or type(value).min, column.limits.maximum or type(value).max
    if not least <= value <= most:
        return "minimum" if value < least else "maximum"
    return "enum" if column.enum and value not in column.enum else None


def expected(column: Column, rule: str) -> str:
    limit = column.enum or column.limits.model_dump(by_alias=True).get(rule)
    text = ", ".join(map(str, limit)) if isinstance(limit, tuple) else limit
    return kind(column) if text is None else str(text)


def kind(column: Column) -> str:
    """The type of a column; of a day or a time with one that the limits of the column allow."""
    if column.type not in FORMS:
        return column.type
    form, shown = FORMS[column.type]
    least, most = column.limits.minimum or shown, column.limits.maximum or shown
    return f"{form} {min(max(shown, least), most).isoformat()}"

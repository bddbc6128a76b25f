"""The rows of a request; the contract defines their types.

In:       a contract, the JSON that a caller sent.
Out:      rows that keep the contract; the SQL checks and this type agree on every value (tests/kit).
Failure:  MalformedError (not JSON, or of another shape), ViolationsError (rows break the contract).
          Neither repeats a value that was sent: it may be personal.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field, TypeAdapter, ValidationError

from ..contract.kinds import KINDS
from ..contract.values import Column, Contract
from ..errors import nearest

MOST_ROWS = 1_000  # they block other requests for about 5 ms; for more rows there is `score`

# Part of msgspec's message about a cell -> the rule, as the SQL checks name it; the first match counts.
RULES = {
    "got `null`": "null",
    "got `": "type",
    "missing required": "missing",
    "unknown field": "unknown",
    "enum": "enum",
    "out of range": "finite",
    "length >=": "minLength",
    "length <=": "maxLength",
    ">=": "minimum",
    "<=": "maximum",
    "pattern": "pattern",
    "": "type",
}


class Violation(msgspec.Struct):
    row: int  # index in the request, from 0
    column: str
    rule: str  # one of REQUEST_RULES of `contract.predicates`
    expected: str


class ViolationsError(Exception):
    def __init__(self, found: list[Violation], rows: int) -> None:
        super().__init__(f"{len({each.row for each in found}):,} of {rows:,} rows break the contract")
        self.found, self.rows = found, rows


class MalformedError(Exception):
    pass


class Reader:
    """Reads requests of the form `{"rows": [...]}`."""

    def __init__(self, contract: Contract) -> None:
        self._columns = {column.name: column for column in contract.columns}
        self.body = body_type(row := row_type(contract))
        self._decode = decoder(self.body)
        self._decode_row = decoder(row)
        self._split = decoder(body_type(msgspec.Raw))
        self._times = [
            (attrgetter(f"c{place}"), column)
            for place, column in enumerate(contract.columns)
            if column.type == "timestamp" and (column.limits.minimum or column.limits.maximum)
        ]

    def read(self, body: bytes) -> list[msgspec.Struct]:
        """The rows of `body`. Raises MalformedError or ViolationsError."""
        try:
            rows: list[msgspec.Struct] = self._decode(body).rows
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._explain(body, error)
        if late := list(self._out_of_time(rows)):
            raise ViolationsError(late, len(rows))
        # Parsers drop a repeated key silently, so count commas: every column must be there, so a repeated
        # one adds a comma. A comma inside a text only leads to the slow, exact check.
        if body.count(b",") != len(rows) * len(self._columns) - 1:
            self._refuse_repeated(body, len(rows))
        return rows

    def _explain(self, body: bytes, error: Exception) -> None:
        """Raise an error that names what is wrong with each row of a body that could not be read."""
        found: list[Violation] = []
        try:
            rows = self._split(body).rows
            for place, row in enumerate(rows):
                try:
                    found.extend(self._out_of_time([self._decode_row(row)], place))
                except msgspec.ValidationError as fault:
                    found.append(self._violation(place, str(fault)))
            if not found:  # each row is valid: then the key `rows` occurs twice
                self._refuse_repeated(body, len(rows))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            error = fault
        if found:
            raise ViolationsError(found, len(rows)) from None
        raise MalformedError(str(error) or "nested too deeply") from None

    def _out_of_time(self, rows: list[Any], first: int = 0) -> Iterator[Violation]:
        """The times outside their limits, which msgspec cannot check."""
        for cell, column in self._times:
            least, most = column.limits.minimum or datetime.min, column.limits.maximum or datetime.max
            for place, row in enumerate(rows, first):
                if (at := cell(row)) is not None and not least <= at <= most:
                    rule = "minimum" if at < least else "maximum"
                    yield Violation(place, column.name, rule, str(getattr(column.limits, rule)))

    def _violation(self, row: int, fault: str) -> Violation:
        rule = next(rule for words, rule in RULES.items() if words in fault)
        named = re.search(r"(?:field `|at `\$\.)([^`]+)`", fault)
        name = named[1] if named else ""
        column = self._columns.get(name)
        if column is None:
            return Violation(row, name[:60], rule, nearest(name, self._columns) if name else "an object")
        limit = column.enum or column.limits.model_dump(by_alias=True).get(rule)
        expected = ", ".join(map(str, limit)) if isinstance(limit, tuple) else limit
        kind = "timestamp in UTC, without zone" if column.type == "timestamp" else column.type
        return Violation(row, name, rule, kind if expected is None else str(expected))

    def _refuse_repeated(self, body: bytes, rows: int) -> None:
        found: list[Violation] = []
        objects: list[None] = []  # one for each object closed so far; the rows come first, the body last

        def note(pairs: list[tuple[str, Any]]) -> None:
            times = Counter(name for name, _ in pairs)
            twice = sorted(name for name in times if times[name] > 1)
            found.extend(Violation(len(objects), name, "duplicate", "once") for name in twice)
            objects.append(None)

        json.loads(body, object_pairs_hook=note, parse_int=str)
        if found:
            raise ViolationsError(found, rows)


def row_type(contract: Contract) -> type[msgspec.Struct]:
    """One row of `contract`. Every column must be there, null if it is unknown and null is allowed:
    a forgotten feature must not look like an unknown one."""
    names = {f"c{place}": column.name for place, column in enumerate(contract.columns)}
    cells = [field(column) if column.required else field(column) | None for column in contract.columns]
    fields = list(zip(names, cells, strict=True))
    return msgspec.defstruct(contract.name, fields, rename=names, forbid_unknown_fields=True, gc=False)


def body_type(row: Any) -> type[Any]:
    rows = Annotated[list[row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
    return msgspec.defstruct("Rows", [("rows", rows)], forbid_unknown_fields=True)


def field(column: Column) -> Any:
    """The type of one cell that is not null, with its limits."""
    limits, about = column.limits, msgspec.Meta(description=column.description or None)
    if column.enum and column.type in ("string", "integer"):
        return Annotated[Literal[column.enum], about]
    if column.type == "timestamp":
        return Annotated[datetime, msgspec.Meta(tz=False), about]
    options = {
        "ge": limits.minimum,
        "le": limits.maximum,
        "min_length": limits.min_length or None,
        "max_length": limits.max_length,
    }
    plain: Any = Annotated[KINDS[column.type].python, about, msgspec.Meta(**options)]
    if not (column.enum or limits.pattern):
        return plain
    base = {"number": float, "boolean": int}.get(column.type, str)
    pattern = rf"\A(?:{limits.pattern})\z" if limits.pattern else None
    # The regex engine takes linear time, as in SQL: a caller cannot make it run for ever.
    text = TypeAdapter(Annotated[str, Field(pattern=pattern)])
    return Annotated[type(column.name, (base,), {"column": column, "plain": plain, "text": text}), about]


def convert(kind: Any, value: Any) -> Any:
    """`value` as the cell type `kind` made by `field`. Raises ValueError with a text that RULES knows."""
    try:
        value = msgspec.convert(value, kind.plain)
    except msgspec.ValidationError as error:  # msgspec adds the place to a ValueError
        raise ValueError(str(error)) from None
    if kind.column.enum and value not in kind.column.enum:
        raise ValueError("enum")
    if isinstance(value, str):
        try:
            kind.text.validate_python(value)
        except ValidationError:
            raise ValueError("pattern") from None
    return kind(value)


def decoder(kind: Any) -> Callable[[Any], Any]:
    """A function that reads JSON as `kind`, which may contain types made by `field`."""
    return msgspec.json.Decoder(kind, dec_hook=convert).decode

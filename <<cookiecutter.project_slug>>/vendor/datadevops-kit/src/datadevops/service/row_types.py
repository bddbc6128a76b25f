"""The types of a request's rows, made from a contract, for msgspec.

In:       a contract.
Out:      types whose decoder accepts what keeps the contract.
Failure:  msgspec.ValidationError from their decoders, with a text that `violations` knows.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field, TypeAdapter, ValidationError

from ..contract.kinds import KINDS
from ..contract.values import Column, Contract

MOST_ROWS = 1_000  # they block other requests for about 5 ms; for more rows there is `score`


def row_type(contract: Contract) -> type[msgspec.Struct]:
    """One row of `contract`. Every column must be there, null if it is unknown and null is allowed:
    a forgotten feature must not look like an unknown one."""
    names = {f"c{place}": column.name for place, column in enumerate(contract.columns)}
    fields = list(zip(names, map(cell, contract.columns), strict=True))
    return msgspec.defstruct(contract.name, fields, rename=names, forbid_unknown_fields=True, gc=False)


def cell(column: Column) -> Any:
    """The type of one cell."""
    return field(column) if column.required else field(column) | None


def body_type(row: Any) -> type[Any]:
    rows = Annotated[list[row], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
    return msgspec.defstruct("Rows", [("rows", rows)], forbid_unknown_fields=True)


def field(column: Column) -> Any:
    """The type of one cell that is not null, with its limits."""
    limits, about = column.limits, msgspec.Meta(description=column.description or None)
    if column.enum and column.type in ("string", "integer"):
        return Annotated[Literal[column.enum], about]
    if column.type in ("date", "timestamp"):
        listed = {"enum": [value.isoformat() for value in column.enum]} if column.enum else {}
        about = msgspec.Meta(description=column.description or None, extra_json_schema=listed)
        if column.type == "date":
            return Annotated[date, about]
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
    """`value` as the cell type `kind` made by `field`. Raises ValueError; `violations` knows its text."""
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

# The template's file: edits here meet template updates (copier update merges them).
"""The type of one row as a caller may send it, made from the contract.

In:       a contract.
Out:      a pydantic model; the SQL checks and this model agree on every value (tests/kit).
Failure:  pydantic.ValidationError names column and rule.
"""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, create_model

from .contract import Column, Contract

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "timestamp": NaiveDatetime,
}


def row_model(contract: Contract) -> type[BaseModel]:
    """One row of `contract`; unknown columns, coerced types, NaN and infinities are refused."""
    fields: dict[str, Any] = {
        column.name: (field(column), ...) if column.required else (field(column) | None, None)
        for column in contract.columns
    }
    return create_model(contract.name, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def field(column: Column) -> Any:
    """The type of one cell that is not null, with its limits."""
    if column.enum:  # Literal alone takes 1.0 and True for 1
        kinds = {type(value) for value in column.enum}
        return Annotated[Literal[column.enum], BeforeValidator(partial(_of_kind, kinds))]
    options = {
        "ge": column.limits.minimum,
        "le": column.limits.maximum,
        "pattern": rf"\A(?:{column.limits.pattern})\z" if column.limits.pattern else None,
        "min_length": column.limits.minLength or None,
        "max_length": column.limits.maxLength,
        "allow_inf_nan": False if column.type == "number" else None,
        "description": column.description or None,
    }
    limits: Any = Field(**{name: option for name, option in options.items() if option is not None})
    return Annotated[TYPES[column.type], limits]


def _of_kind(kinds: set[type], value: object) -> object:
    if type(value) not in kinds:
        raise ValueError(f"{value!r} has not the type of the column")
    return value

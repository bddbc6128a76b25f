# The template's file: edits here meet template updates (copier update merges them).
"""The type of one row as a caller may send it, made from the contract.

In:       a contract.
Out:      a pydantic model; the SQL checks and this model agree on every value (tests/kit).
Failure:  pydantic.ValidationError names column and rule.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from .contract import Column, Contract

TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "timestamp": datetime}


def row_model(contract: Contract) -> type[BaseModel]:
    """One row of `contract`; unknown columns, coerced types, NaN and infinities are refused."""
    fields: dict[str, Any] = {column.name: _field(column) for column in contract.columns}
    return create_model(contract.name, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def _field(column: Column) -> tuple[Any, Any]:
    limits: dict[str, Any] = {
        "ge": column.minimum,
        "le": column.maximum,
        "pattern": rf"\A(?:{column.pattern})\z" if column.pattern else None,
        "min_length": column.min_length,
        "max_length": column.max_length,
        "allow_inf_nan": False if column.type == "number" else None,
        "description": column.entry.get("description"),
    }
    kind: Any = Literal[column.enum] if column.enum else TYPES[column.type]
    field = Field(**{name: limit for name, limit in limits.items() if limit is not None})
    return (
        (Annotated[kind, field], ...) if column.required else (Annotated[kind, field] | None, None)
    )

# The template's file: edits here meet template updates (copier update merges them).
"""The type of one row as a caller may send it, made from the contract.

In:       a contract.
Out:      a pydantic model; the SQL checks and this model agree on every value (tests/kit).
Failure:  pydantic.ValidationError names column and rule.
"""

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from .contract import KINDS, Column, Contract


def row_model(contract: Contract) -> type[BaseModel]:
    """One row of `contract`; unknown columns, coerced types, NaN and infinities are refused."""
    fields: dict[str, Any] = {
        column.name: (field(column), ...) if column.required else (field(column) | None, None)
        for column in contract.columns
    }
    return create_model(contract.name, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def field(column: Column) -> Any:
    """The type of one cell that is not null, with its limits."""
    limits = Field(
        ge=column.limits.minimum,
        le=column.limits.maximum,
        pattern=rf"\A(?:{column.limits.pattern})\z" if column.limits.pattern else None,
        min_length=column.limits.min_length or None,
        max_length=column.limits.max_length,
        allow_inf_nan=False if column.type == "number" else None,
        description=column.description or None,
        json_schema_extra={"enum": list(column.enum)} if column.enum else None,
    )
    return Annotated[KINDS[column.type].python, limits, AfterValidator(partial(_one_of, column.enum))]


def _one_of(enum: tuple[Any, ...], value: Any) -> Any:
    if enum and value not in enum:
        raise ValueError(f"must be one of {', '.join(map(repr, enum))}")
    return value

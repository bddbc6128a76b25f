"""What one cell of a column may hold, as a type of Python.

In:       a column of a contract.
Out:      a type that takes the values that the contract's words allow, and no other.
Failure:  pydantic's SchemaError for a pattern that a linear engine does not know.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from .kinds import KINDS
from .values import Column


def cell(column: Column) -> TypeAdapter[Any]:
    """The type of a value of the column. Raises SchemaError for a pattern that a linear engine does not know:
    it does not look ahead, as SQL's."""

    def listed(value: Any) -> Any:
        if column.enum and value not in column.enum:
            raise ValueError(f"it is not one of {', '.join(map(str, column.enum))}")
        return value

    limits = column.limits
    pattern = rf"\A(?:{limits.pattern})\z" if limits.pattern else None
    bounds = Field(ge=limits.minimum, le=limits.maximum, pattern=pattern)
    lengths = Field(min_length=limits.min_length or None, max_length=limits.max_length)
    kind: Any = Annotated[KINDS[column.type].python, bounds, lengths, AfterValidator(listed)]
    strict = ConfigDict(strict=True, allow_inf_nan=False)
    return TypeAdapter(kind if column.required else kind | None, config=strict)

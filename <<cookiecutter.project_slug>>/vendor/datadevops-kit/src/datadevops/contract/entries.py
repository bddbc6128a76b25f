"""The smaller objects of a contract: limits and made-up values of a column, quality rules.

In:       their entries in the contract file.
Out:      frozen values. A field has the standard's name unless an alias is given.
Failure:  pydantic's ValidationError, which `odcs` turns into ContractError CT003.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, model_validator
from pydantic.alias_generators import to_camel


class Entry(BaseModel):
    """An object of the contract file."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, allow_inf_nan=False)


class Limits(Entry, extra="forbid"):
    """The options of the standard that are checked here; another one is refused, not overlooked."""

    minimum: Any = None  # inclusive, as is the maximum
    maximum: Any = None
    pattern: str | None = None  # the whole text must match
    min_length: int = 0  # characters
    max_length: int | None = None


class Synthetic(Entry, extra="forbid"):
    """How to make up values: `sql`, or a normal distribution of `mean` (may be SQL) and `sd`."""

    sql: str | None = None
    mean: float | str = 0
    sd: float = 0
    nulls: float = Field(default=0.02, ge=0, le=1)  # their share in a column that is not required
    start: NaiveDatetime = datetime(2024, 1, 1)  # of a timestamp in the key


class Rule(Entry):
    """A quality rule. `type: sql` judges rows, `library` a whole column or table, `text` nothing."""

    name: str = Field("", pattern="^[^,:]*$")  # a comma parts the names in a quarantine file
    type: Literal["library", "sql", "text"] = "library"
    column: str | None = None  # None: of the table
    metric: str | None = None
    arguments: dict[str, Any] = {}
    query: str = ""
    unit: Literal["rows", "percent"] = "rows"
    severity: Literal["error", "warning", "info"] = "error"
    bounds: dict[str, float | tuple[float, float]]  # of the figure, which must keep each

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"bounds": {word: entry[word] for word in entry if word.startswith("must")}}

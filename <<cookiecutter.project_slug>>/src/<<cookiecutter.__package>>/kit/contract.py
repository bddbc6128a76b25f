# The template's file: edits here meet template updates (copier update merges them).
"""A data contract as values: columns with their limits, rules, promises, owner.

`odcs.load` reads one. SQL checks, request model, synthetic rows and drift are all made from it:
there is no second list of columns.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import SchemaError

from .errors import ContractError, nearest

Entry = Mapping[str, Any]  # one object of the contract file, as it stands there

# logicalType of the standard -> the physical types that may carry it, the default first
SQL_TYPES = {
    "string": ("VARCHAR",),
    "integer": ("BIGINT", "INTEGER", "SMALLINT"),
    "number": ("DOUBLE",),
    "boolean": ("BOOLEAN",),
    "timestamp": ("TIMESTAMP",),
}
BITS = {"BIGINT": 64, "INTEGER": 32, "SMALLINT": 16}
HINTS = ("mean", "nulls", "sd", "sql", "start")
CUSTOM = ("allowedBadRatio", "driftLimit", "knownAfterOutcome", "synthetic")

# how a rule about a table compares its figure
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "mustBe": operator.eq,
    "mustBeGreaterThan": operator.gt,
    "mustBeLessThan": operator.lt,
}


class Limits(BaseModel):
    """The options of the standard that are checked here; another one is refused, not overlooked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    minimum: Any = None  # inclusive, as is the maximum
    maximum: Any = None
    pattern: str | None = None  # the whole text must match
    minLength: int = 0  # noqa: N815 - characters; the standard's word, as the next
    maxLength: int | None = None  # noqa: N815


class Column(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    type: Literal["string", "integer", "number", "boolean", "timestamp"] = Field(alias="logicalType")
    sql_type: str = Field(alias="physicalType")
    description: str = ""
    required: bool = False
    unique: bool = False
    key: bool = Field(False, alias="primaryKey")
    limits: Limits = Field(Limits(), alias="logicalTypeOptions")
    enum: tuple[Any, ...] = ()  # empty: any value
    examples: tuple[Any, ...] = ()
    quality: tuple[Entry, ...] = ()  # rules about the column as a whole
    custom: Entry = Field({}, alias="customProperties")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, entry: dict[str, Any]) -> dict[str, Any]:
        kind, options = entry.get("logicalType", ""), dict(entry.get("logicalTypeOptions", {}))
        sql_type = entry.get("physicalType") or SQL_TYPES.get(kind, ("",))[0]
        if kind == "timestamp":
            options = {name: moment(value) for name, value in options.items()}
        if kind == "integer" and sql_type in BITS:  # a wider file must not overflow the column
            edge = 2 ** (BITS[sql_type] - 1)
            options = {"minimum": -edge, "maximum": edge - 1} | options
            if options["minimum"] < -edge or options["maximum"] >= edge:
                raise ValueError(f"{sql_type} holds {-edge} to {edge - 1}, not beyond")
        return entry | {
            "physicalType": sql_type,
            "logicalTypeOptions": options,
            "enum": [value["value"] for value in entry.get("enum", [])],
            "customProperties": custom(entry),
        }

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        low, high, limits = self.limits.minimum, self.limits.maximum, self.limits
        found = []
        if self.sql_type not in SQL_TYPES[self.type]:
            found.append(f"physicalType {self.sql_type} cannot carry {self.type}")
        if low is not None and high is not None and low > high:
            found.append(f"minimum {low} is above maximum {high}")
        if limits.maxLength is not None and limits.minLength > limits.maxLength:
            found.append(f"minLength {limits.minLength} is above maxLength {limits.maxLength}")
        if self.key and not self.required:
            found.append("a part of the primary key is never null, say required: true")
        if self.type == "integer" and not (type(low) is type(high) is int):
            found.append(f"limits {low} and {high} of integers are not whole")
        if len({"mean", "sd"} & set(self.custom.get("synthetic", {}))) == 1:
            found.append("synthetic needs both mean and sd")
        for name in self.custom.get("synthetic", {}):
            if name not in HINTS:
                found.append(f"no synthetic {name!r}, {nearest(name, HINTS)}")
        try:  # the dialect of the request model: no look-ahead, as in SQL
            TypeAdapter(Annotated[str, Field(pattern=limits.pattern)])
        except SchemaError:
            found.append(f"pattern {limits.pattern!r} is not understood by all that check it")
        if re.search(r"\\[dDwWsSbB]", limits.pattern or ""):
            found.append(f"pattern {limits.pattern!r}: \\\\d and its like differ by engine, write [0-9]")
        if found:
            raise ValueError("; ".join(found))
        return self


class Contract(BaseModel):
    model_config = ConfigDict(frozen=True)
    path: Path
    name: str  # of the table, and the stem of the file
    product: str  # the data product it belongs to, as people say it
    purpose: str
    version: str
    columns: tuple[Column, ...] = Field(min_length=1)
    quality: tuple[Entry, ...]  # rules about rows and about the table
    custom: Entry  # customProperties of the table, by name
    owner: str  # team
    contact: str  # address of its support channel
    location: str | None  # where the data lies, relative to the product's folder

    @property
    def allowed_bad_ratio(self) -> float:
        """The share of rows that may be quarantined before a run stops, 0 to 1."""
        return float(self.custom.get("allowedBadRatio", 0.0))

    @property
    def sql_types(self) -> dict[str, str]:
        return {column.name: column.sql_type for column in self.columns}

    @property
    def keys(self) -> list[str]:
        """The primary key: what one row is one of."""
        return [column.name for column in self.columns if column.key]

    @property
    def measures(self) -> list[Column]:
        """The columns beside the primary key."""
        return [column for column in self.columns if not column.key]

    @property
    def time_key(self) -> str:
        """The timestamp in the primary key. Raises ContractError CT004 if there is none."""
        for column in self.columns:
            if column.key and column.type == "timestamp":
                return column.name
        raise ContractError(
            "CT004", f"{self.path}: no timestamp in the primary key", "say when a row was true"
        )

    @property
    def table_rules(self) -> list[tuple[str | None, Entry]]:
        """(column, rule) for each rule about the table as a whole; column None: about its rows."""
        rules = [(None, rule) for rule in self.quality if "query" not in rule]
        return [*rules, *((column.name, rule) for column in self.columns for rule in column.quality)]


def moment(text: str) -> datetime:
    """A time of the contract, which is UTC and says no zone. Raises ValueError."""
    when = datetime.fromisoformat(text)
    if when.tzinfo:
        raise ValueError(f"{text!r} names a time zone; times are UTC, without")
    return when


def custom(entry: Entry) -> dict[str, Any]:
    """The customProperties of an entry, by name. Raises ValueError for a name that is nearly ours."""
    found = {given["property"]: given["value"] for given in entry.get("customProperties", [])}
    for name in found:
        if name not in CUSTOM and "did you mean" in (hint := nearest(name, CUSTOM)):
            raise ValueError(f"no custom property {name!r}, {hint}")
    return found

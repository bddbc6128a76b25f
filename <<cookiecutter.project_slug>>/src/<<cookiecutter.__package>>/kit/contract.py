# The template's file: edits here meet template updates (copier update merges them).
"""A data contract as values: columns with their limits, rules, promises, owner.

`odcs.load` reads one. SQL checks, request model, synthetic rows and drift are all made from it:
there is no second list of columns.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .errors import ContractError, nearest

Value = str | int | float | bool | datetime
Entry = Mapping[str, Any]  # one object of the contract file, as it stands there

# logicalType of the standard -> the physical types that may carry it, the default first
SQL_TYPES = {
    "string": ("VARCHAR",),
    "integer": ("BIGINT", "INTEGER", "SMALLINT"),
    "number": ("DOUBLE",),
    "boolean": ("BOOLEAN",),
    "timestamp": ("TIMESTAMP",),
}

# how a rule about a table compares its figure
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "mustBe": operator.eq,
    "mustNotBe": operator.ne,
    "mustBeGreaterThan": operator.gt,
    "mustBeGreaterOrEqualTo": operator.ge,
    "mustBeLessThan": operator.lt,
    "mustBeLessOrEqualTo": operator.le,
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # a key of SQL_TYPES
    sql_type: str
    required: bool
    unique: bool
    key: bool  # part of the primary key
    minimum: Value | None  # inclusive, as is the maximum
    maximum: Value | None
    pattern: str | None  # the whole text must match
    min_length: int | None  # characters, as is the maximum
    max_length: int | None
    enum: tuple[Value, ...]  # empty: any value
    quality: tuple[Entry, ...]  # rules about the column as a whole
    custom: Entry  # customProperties of the standard, by name
    entry: Entry  # all of it: description, examples


@dataclass(frozen=True)
class Contract:
    path: Path
    name: str  # of the table, and the stem of the file
    product: str  # the data product it belongs to, as people say it
    purpose: str
    version: str
    columns: tuple[Column, ...]
    quality: tuple[Entry, ...]  # rules about rows and about the table
    custom: Entry  # customProperties of the table, by name
    promises: tuple[Entry, ...]  # slaProperties
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
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

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
        """The timestamp in the primary key. Raises ContractError CT008 if there is none."""
        for column in self.columns:
            if column.key and column.type == "timestamp":
                return column.name
        raise ContractError(
            "CT008", f"{self.path}: no timestamp in the primary key", "say when a row was true"
        )

    @property
    def table_rules(self) -> list[tuple[str | None, Entry]]:
        """(column, rule) for each rule about the table as a whole; column None: about all rows."""
        about_rows: list[tuple[str | None, Entry]] = [
            (None, r) for r in self.quality if "metric" in r
        ]
        return about_rows + [
            (column.name, rule) for column in self.columns for rule in column.quality
        ]

    def column(self, name: str) -> Column:
        """The column `name`. Raises ContractError CT004 with the nearest name if there is none."""
        if name not in self.names:
            raise ContractError(
                "CT004", f"{self.path}: no column {name!r}", nearest(name, self.names)
            )
        return self.columns[self.names.index(name)]


def moment(text: Any) -> datetime | None:
    """An ISO 8601 time as UTC without zone, None if it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def custom(entry: Entry) -> dict[str, Any]:
    """The customProperties of an entry, by name."""
    return {c["property"]: c["value"] for c in entry.get("customProperties", [])}

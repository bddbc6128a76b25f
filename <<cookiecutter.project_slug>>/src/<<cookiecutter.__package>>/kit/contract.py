# The template's file: edits here meet template updates (copier update merges them).
"""A data contract as values: columns with their limits, rules, promises, owner.

`odcs.load` reads one. SQL checks, request model, synthetic rows and drift are all made from it:
there is no second list of columns. Fields bear the standard's names where no other is given.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    model_validator,
)
from pydantic.alias_generators import to_camel

from .errors import ContractError, nearest


class Kind(NamedTuple):
    """What a logicalType of the standard is elsewhere."""

    sql: str
    python: Any
    carriers: str  # SQL types of a file that can carry it, a regular expression


INTEGER = r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?"
KINDS = {
    "string": Kind("VARCHAR", str, r"VARCHAR|ENUM.*"),
    "integer": Kind("BIGINT", int, INTEGER),
    "number": Kind("DOUBLE", float, rf"DOUBLE|FLOAT|DECIMAL.*|{INTEGER}"),
    "boolean": Kind("BOOLEAN", bool, "BOOLEAN"),
    # A time zone would move the hours with the session.
    "timestamp": Kind("TIMESTAMP", NaiveDatetime, r"TIMESTAMP(_S|_MS|_NS)?"),
}
BIGINT = {"minimum": -(2**63), "maximum": 2**63 - 1}
OURS = ("allowedBadRatio", "driftLimit", "keepVersions", "knownAfterOutcome", "synthetic")


def moment(value: Any) -> Any:
    """A bound of the contract file; text is a time, in UTC, without a zone. Raises ValueError."""
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        if (at := datetime.fromisoformat(value)).tzinfo is None:
            return at
    raise ValueError(f"{value!r} is no time in UTC without a zone, write it as 2000-01-01T00:00:00")


def kind(name: str) -> str:
    """A logicalType that there is here. Raises ValueError."""
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise ValueError(f"{name} is none of {known}; a date is a timestamp at midnight")
    return name


def word(name: str) -> str:
    """A name that SQL and JSON take without quotes. Raises ValueError."""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} cannot be a name: it is a letter, then letters, digits and _")
    return name


def numbered(version: str) -> str:
    """A version with a major number, which promises consumers what stays. Raises ValueError."""
    if not re.fullmatch(r"v?[0-9]+(\.[0-9]+)*([-+].*)?", version):
        raise ValueError(f"{version!r} is no version, write it as 1.0.0")
    return version


def listed(names: Iterable[str]) -> str:
    """Columns as a list in SQL, be they words of it or not."""
    return ", ".join(f'"{name}"' for name in names)


def custom(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The customProperties of `entry` that are ours; a team may have others beside them.

    Raises ValueError for a name that is nearly one of ours.
    """
    found = {given["property"]: given["value"] for given in entry.get("customProperties", [])}
    for name in found:
        if name not in OURS and "did you mean" in (hint := nearest(name, OURS)):
            raise ValueError(f"no custom property {name!r}, {hint}")
    return {name: value for name, value in found.items() if name in OURS}


Bound = Annotated[Any, BeforeValidator(moment)]
Name = Annotated[str, AfterValidator(word)]
Type = Annotated[str, AfterValidator(kind)]


class Entry(BaseModel):
    """An object of the contract file."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, allow_inf_nan=False)


class Limits(Entry, extra="forbid"):
    """The options of the standard that are checked here; another one is refused, not overlooked."""

    minimum: Bound = None  # inclusive, as is the maximum
    maximum: Bound = None
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
    metric: Literal["rowCount", "nullValues"] | None = None
    query: str = ""
    unit: Literal["rows", "percent"] = "rows"
    severity: Literal["error", "warning", "info"] = "error"
    bounds: dict[Literal["mustBe", "mustBeGreaterThan", "mustBeLessThan"], float]

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"bounds": {word: entry[word] for word in entry if word.startswith("must")}}


class Column(Entry):
    name: Name
    type: Type = Field(alias="logicalType")
    physical_type: str | None = None
    description: str = ""
    required: bool = False
    unique: bool = False
    key: bool = Field(False, alias="primaryKey")
    limits: Limits = Field(Limits(), alias="logicalTypeOptions")
    enum: tuple[Any, ...] = ()  # empty: any value
    examples: tuple[Any, ...] = ()
    quality: tuple[Rule, ...] = ()
    known_after_outcome: bool = False
    synthetic: Synthetic = Synthetic()

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, entry: dict[str, Any]) -> dict[str, Any]:
        # A wider file must not overflow the column; a part of the key is never null.
        widest = BIGINT if entry.get("logicalType") == "integer" else {}
        return custom(entry) | {
            **entry,
            "logicalTypeOptions": widest | entry.get("logicalTypeOptions", {}),
            "required": entry.get("required", False) or entry.get("primaryKey", False),
            "enum": [value["value"] for value in entry.get("enum", [])],
            "quality": [rule | {"column": entry.get("name")} for rule in entry.get("quality", [])],
        }

    @property
    def sql_type(self) -> str:
        return KINDS[self.type].sql

    @property
    def cell(self) -> str:
        """SQL for a value of a table that can carry the column, as it will be kept."""
        return f'cast("{self.name}" as {self.sql_type})'


class Contract(Entry):
    path: Path
    name: Name = Field(validation_alias=AliasPath("schema", 0, "name"))  # and the stem of the file
    product: str = Field("", validation_alias="dataProduct")  # it belongs to, as people say it
    purpose: str = Field("", validation_alias=AliasPath("description", "purpose"))
    version: Annotated[str, AfterValidator(numbered)]
    columns: tuple[Column, ...] = Field(min_length=1, validation_alias=AliasPath("schema", 0, "properties"))
    quality: tuple[Rule, ...] = Field((), validation_alias=AliasPath("schema", 0, "quality"))
    allowed_bad_ratio: float = Field(0, ge=0, lt=1)  # quarantined share of the rows; above it a run stops
    drift_limit: float = Field(0.25, ge=0)  # PSI above which a column counts as moved
    keep_versions: int = Field(10, ge=2)  # of what a run makes; older ones go unless in use
    owner: str = Field("", validation_alias=AliasPath("team", "name"))
    contact: str = Field("", validation_alias=AliasPath("support", 0, "url"))
    sla_properties: tuple[dict[str, Any], ...] = ()  # what is promised of the whole, as the standard has it
    # Where the data lies: a path relative to the product's folder, or s3://bucket/key.
    location: str | None = Field(
        None,
        validation_alias=AliasChoices(AliasPath("servers", 0, "path"), AliasPath("servers", 0, "location")),
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return raw | custom((raw.get("schema") or [{}])[0])

    def refuses(self, bad: int, rows: int) -> bool:
        """Whether more of the rows are bad than a run goes on with."""
        return bad > self.allowed_bad_ratio * rows

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

    def rules(self, kind: str) -> list[Rule]:
        """The quality rules of that type, of the table and of its columns."""
        rules = [*self.quality, *(rule for column in self.columns for rule in column.quality)]
        return [rule for rule in rules if rule.type == kind]

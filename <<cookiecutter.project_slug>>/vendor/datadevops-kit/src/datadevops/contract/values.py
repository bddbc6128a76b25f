"""A data contract as values: columns with their limits, rules, promises, owner.

`odcs.load` reads one. SQL checks, request model, synthetic rows and drift are all made from it:
there is no second list of columns. A field has the standard's name unless an alias is given.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BeforeValidator,
    Field,
    model_validator,
)

from ..errors import ContractError
from . import options
from .entries import Entry, Limits, Rule, Synthetic
from .kinds import KINDS, custom, duration, numbered, word

DATASET = re.compile("datasets|[0-9a-f]{12}")  # the folder of the contract of a dataset
Name = Annotated[str, AfterValidator(word)]
Word = Annotated[str, BeforeValidator(lambda given: str(given) if type(given) in (int, float) else given)]


class Column(Entry):
    name: Name
    type: str = Field(alias="logicalType")
    physical_type: str = ""
    carried: tuple[str, ...] = ()  # the logical types that its physical type can carry; empty: any
    physical_name: str = ""  # in files that are delivered, where it is another
    description: str = ""
    required: bool = False
    unique: bool = False
    key: bool = Field(False, alias="primaryKey")
    limits: Limits = Field(Limits(), alias="logicalTypeOptions")
    enum: tuple[Any, ...] = ()  # empty: any value
    examples: tuple[Any, ...] = ()
    quality: tuple[Rule, ...] = ()
    missing_values: tuple[Word, ...] = ()  # texts that count as null in files that are delivered
    known_after_outcome: bool = False
    # Of the time in the key of a source: how long after it a row is known. None: at that time.
    available_after: Annotated[timedelta, BeforeValidator(duration)] | None = None
    partitioned: bool = False
    partition_key_position: int = -1
    partition_grain: Literal["hour", "day", "week", "month", "year"] | None = None
    model_input: bool = False  # of the key: an input of the model too
    refers_to: str = ""  # a column of another source, as "airports.station"
    label_unit: str = ""  # of a number, as people write it: "mm"
    synthetic: Synthetic = Synthetic()

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, entry: dict[str, Any]) -> dict[str, Any]:
        kind = entry["logicalType"]
        return custom(entry) | {
            **entry,
            "logicalTypeOptions": options.limits(kind, entry.get("logicalTypeOptions", {})),
            "required": entry.get("required", False) or entry.get("primaryKey", False),  # a key is never null
            "enum": [options.parsed(kind, value["value"]) for value in entry.get("enum", [])],
            "examples": [options.parsed(kind, value) for value in entry.get("examples", [])],
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
    id: str = ""
    status: str = ""
    name: Name = Field(validation_alias=AliasPath("schema", 0, "name"))  # and the stem of the file
    product: str = Field("", validation_alias="dataProduct")  # it belongs to, as people say it
    purpose: str = Field("", validation_alias=AliasPath("description", "purpose"))
    usage: str = Field("", validation_alias=AliasPath("description", "usage"))
    limitations: str = Field("", validation_alias=AliasPath("description", "limitations"))
    version: Annotated[str, AfterValidator(numbered)]
    columns: tuple[Column, ...] = Field((), validation_alias=AliasPath("schema", 0, "properties"))
    quality: tuple[Rule, ...] = Field((), validation_alias=AliasPath("schema", 0, "quality"))
    allowed_bad_ratio: float = Field(0, ge=0, lt=1)  # quarantined share of the rows; above it a run stops
    drift_limit: float = Field(0.25, ge=0)  # PSI above which a column counts as moved
    # Whether rows that a delivery lacks, in the partitions that it has, are gone; of a source of a dataset.
    deliveries: Literal["additions", "complete"] = "additions"
    keep_versions: int = Field(10, ge=2)  # of what a run makes; older ones go unless in use
    partitioned_source: str = ""  # whose rows a dataset is cut into, if several sources have a time
    owner: str = Field("", validation_alias=AliasPath("team", "name"))
    contact: str = Field("", validation_alias=AliasPath("support", 0, "url"))
    sla_properties: tuple[dict[str, Any], ...] = ()  # promises about the whole, as in the standard
    # Where the data is stored: a path relative to the product's folder, or s3://bucket/key.
    location: str | None = Field(
        None,
        validation_alias=AliasChoices(AliasPath("servers", 0, "path"), AliasPath("servers", 0, "location")),
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return raw | custom((raw.get("schema") or [{}])[0])

    @property
    def is_source(self) -> bool:
        """Whether its table is delivered, and not made here."""
        return self.path.parent.name == "sources"

    @property
    def is_dataset(self) -> bool:
        """Whether a data pipeline publishes its table: it is in datasets/, or in a published version."""
        return DATASET.fullmatch(self.path.parent.name) is not None

    @property
    def is_published(self) -> bool:
        """Whether consumers get the table: a dataset, or the predictions of a model."""
        return self.is_dataset or self.name == "predictions"

    @property
    def grain(self) -> str | None:
        """How long a time a partition of a dataset holds; None: all rows are one partition."""
        return next((column.partition_grain for column in self.columns if column.partition_grain), None)

    def refuses(self, bad: int, rows: int) -> bool:
        """Whether more of the rows are bad than a run goes on with."""
        return bad > self.allowed_bad_ratio * rows

    @property
    def sql_types(self) -> dict[str, str]:
        return {column.name: column.sql_type for column in self.columns}

    @property
    def physical_names(self) -> dict[str, str]:
        """Column -> its name in files that are delivered, of the columns that have another one there."""
        return {c.name: c.physical_name for c in self.columns if c.physical_name not in ("", c.name)}

    @property
    def reading(self) -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]:
        """How a file of the table is read: column -> SQL type, its name there, texts that count as null."""
        missing = {c.name: c.missing_values for c in self.columns if c.missing_values}
        return self.sql_types, self.physical_names, missing

    @property
    def keys(self) -> list[str]:
        """The primary key: what one row is one of."""
        return [column.name for column in self.columns if column.key]

    @property
    def measures(self) -> list[Column]:
        """The columns beside the primary key."""
        return [column for column in self.columns if not column.key]

    @property
    def inputs(self) -> list[Column]:
        """Of features: what a model learns from, the columns beside the key and those of it that say so."""
        return [column for column in self.columns if column.model_input or not column.key]

    @property
    def timed(self) -> bool:
        """Whether a timestamp is in the primary key: then each row was true at some time."""
        return any(column.key and column.type == "timestamp" for column in self.columns)

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
    def known_from(self) -> str | None:
        """The time at which a row becomes known: the one in the key, else one with `availableAfter`."""
        told = (column.name for column in self.columns if column.available_after is not None)
        return self.time_key if self.timed else next(told, None)

    @property
    def delay(self) -> timedelta:
        """How long after that time a row is known."""
        return next((c.available_after for c in self.columns if c.available_after), timedelta())

    def rules(self, kind: str) -> list[Rule]:
        """The quality rules of that type, of the table and of its columns."""
        rules = [*self.quality, *(rule for column in self.columns for rule in column.quality)]
        return [rule for rule in rules if rule.type == kind]

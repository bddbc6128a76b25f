# The template's file: edits here meet template updates (copier update merges them).
"""Does a contract contradict itself?

In:       a contract as read.
Out:      one sentence for each contradiction; none for a sound contract.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter, ValidationError

from .contract import COMPARISONS, SQL_TYPES, Column, Contract, Entry, custom, moment
from .errors import nearest
from .request import row_model

OPTIONS = ("minimum", "maximum", "pattern", "minLength", "maxLength")
CUSTOM = ("allowedBadRatio", "driftLimit", "knownAfterOutcome", "synthetic")


def problems(contract: Contract, tables: Sequence[Entry]) -> list[str]:
    """Every contradiction of the contract; `tables` is the `schema` part of its file."""
    found = list(_of_table(contract, tables))
    for column in contract.columns:
        found += (f"{column.name}: {text}" for text in _of_column(column))
    return found or list(_of_values(contract))


def _of_table(contract: Contract, tables: Sequence[Entry]) -> Iterator[str]:
    if len(tables) != 1:
        yield f"schema: it has {len(tables)} tables; a contract here has one"
    if contract.name != contract.path.stem:
        yield f"schema: table {contract.name!r} is not named as the file, {contract.path.stem!r}"
    if not contract.columns:
        yield "schema: no properties, so nothing is promised"
    if not 0 <= contract.allowed_bad_ratio < 1:
        yield f"allowedBadRatio {contract.allowed_bad_ratio} is not in [0, 1)"
    for rule in contract.quality:
        if "query" not in rule:
            yield from _of_rule(rule, ("rowCount",))
    repeated = Counter(contract.names)
    yield from (f"{name}: declared {n} times" for name, n in repeated.items() if n > 1)
    for entry in (tables[0], *(column.entry for column in contract.columns)):
        for name in custom(entry):
            if name not in CUSTOM and "did you mean" in (hint := nearest(name, CUSTOM)):
                yield f"{entry['name']}: no custom property {name!r}, {hint}"


def _of_column(column: Column) -> Iterator[str]:
    if column.sql_type not in SQL_TYPES.get(column.type, ()):
        yield f"physicalType {column.sql_type!r} cannot carry logicalType {column.type!r}"
    for name, value in column.entry.get("logicalTypeOptions", {}).items():
        if name not in OPTIONS:
            yield f"the option {name!r} is not checked here"
        elif column.type == "timestamp" and moment(value) is None:
            yield f"{name} {value!r} is not an ISO 8601 time"
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield f"minimum {low} is above maximum {high}"
    if (column.min_length or 0) > (column.max_length or float("inf")):
        yield f"minLength {column.min_length} is above maxLength {column.max_length}"
    if column.key and not column.required:
        yield "a part of the primary key is never null; say required: true"
    yield from (text for rule in column.quality for text in _of_rule(rule, ("nullValues",)))
    try:
        re.compile(column.pattern or "")
    except re.error as error:
        yield f"pattern {column.pattern!r}: {error}"


def _of_rule(rule: Entry, metrics: Sequence[str]) -> Iterator[str]:
    name = rule.get("name") or rule.get("metric")
    if rule.get("metric") not in metrics:
        yield f"quality rule {name!r}: only {' and '.join(metrics)} can be measured here"
    if not any(word in rule for word in COMPARISONS):
        yield f"quality rule {name!r}: say one of {', '.join(COMPARISONS)}"


def _of_values(contract: Contract) -> Iterator[str]:
    """Values the contract itself names must keep its rules."""
    fields = row_model(contract).model_fields
    for column in contract.columns:
        allowed = TypeAdapter(fields[column.name].rebuild_annotation())
        for word, values in (("enum", column.enum), ("example", column.entry.get("examples", []))):
            for value in values:
                try:
                    allowed.validate_python(moment(value) if column.type == "timestamp" else value)
                except ValidationError as error:
                    yield f"{column.name}: {word} {value!r}: {error.errors()[0]['msg']}"

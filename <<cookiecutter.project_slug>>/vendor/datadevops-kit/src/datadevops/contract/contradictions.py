"""What in a contract contradicts something else in it.

In:       a contract.
Out:      each contradiction in words, by its column or rule.
Failure:  none.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from operator import methodcaller
from typing import Any

from pydantic import ValidationError

from . import grains, metrics, options, promises
from .cells import cell
from .values import Column, Contract

FORMS = {
    "date": (date, "a day, write it as 2000-01-01"),
    "timestamp": (datetime, "a time, write it in UTC as 2000-01-01T00:00:00"),
}


def contradictions(contract: Contract, tables: int) -> Iterator[str]:
    """Every contradiction of a contract whose file holds so many tables."""
    if tables > 1 or contract.name != contract.path.stem:
        yield f"schema: it must hold one table, named as the file: {contract.path.stem!r}"
    if not contract.columns:
        yield f"schema.{contract.name}: it has no columns; give it properties"
    names = Counter(f"column {column.name.lower()}" for column in contract.columns)
    names += Counter(f"physicalName {name.lower()}" for name in contract.physical_names.values())
    names += Counter(f"quality rule {rule.name}" for rule in contract.rules("sql"))
    yield from (f"{name}: declared twice" for name, times in names.items() if times > 1)
    for rule in contract.rules("sql"):
        if rule.severity != "error":
            reason = f"severity {rule.severity} is not for type: sql, whose rows go to quarantine"
            yield f"quality rule {rule.name}: {reason}; leave it out, or make it a rule of type: library"
    for rule in contract.rules("library"):
        where = f"{rule.column}: " if rule.column else ""
        yield from (f"{where}{rule.name or rule.metric}: {fault}" for fault in metrics.faults(contract, rule))
    yield from grains.faults(contract)
    yield from promises.misspelt(contract)
    yield from promises.repeated(contract)
    own = {column.name.lower() for column in contract.columns}
    for column in contract.columns:
        if contract.physical_names.get(column.name, "").lower() in own - {column.name.lower()}:
            yield f"{column.name}: its physicalName {column.physical_name} is the name of another column"
        if column.name.lower() == "broken_rules":
            yield f"{column.name}: a quarantine file has a column of that name, give it another"
        if column.available_after is not None and not _is_time_of_source(contract, column):
            hint = (
                "it is for the timestamp in the key of a source, or if none is, for one other; leave it out"
            )
            yield f"{column.name}: availableAfter says when rows that are delivered become known; {hint}"
        for fault in _faults(column):
            yield f"{column.name}: {fault}"


def _is_time_of_source(contract: Contract, column: Column) -> bool:
    return contract.is_source and column.type == "timestamp" and column.name == contract.known_from


def _faults(column: Column) -> Iterator[str]:
    limits = column.limits
    if column.model_input and not column.key:
        yield "modelInput is for columns of the key; each other column is an input anyway, leave it out"
    if both := set(column.missing_values) & set(map(str, column.enum)):
        yield f"{sorted(both)[0]!r} is in enum and in missingValues; it is one of the two"
    if column.carried and column.type not in column.carried:
        yield f"physicalType {column.physical_type} carries {column.carried[0]}, not {column.type}"
    bounds = [bound for bound in (limits.minimum, limits.maximum) if bound is not None]
    if wrong := [*_misplaced(column)]:
        yield from wrong
        return
    if limits.max_length is not None and limits.min_length > limits.max_length:
        yield f"minLength {limits.min_length} is above maxLength {limits.max_length}"
    if wrong := [*options.pattern_faults(limits.pattern or "")]:
        yield from wrong
        return
    kind = cell(column)
    for value in (*(column.enum or bounds), *column.examples):  # they must keep the column's own rules
        try:
            kind.validate_json(json.dumps(value, default=methodcaller("isoformat")))
        except ValidationError as error:
            yield f"{_shown(value)}: {error.errors()[0]['msg']}"


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, date) else repr(value)


def _misplaced(column: Column) -> Iterator[str]:
    """The options that a value of the column's type cannot have."""
    given = column.limits.model_dump(by_alias=True, exclude_defaults=True)
    if column.type == "integer":
        wrong = (value for value in column.enum if type(value) is not int)
        yield from (f"enum {value!r} is no whole number; write one, or leave it out" for value in wrong)
    if column.type == "boolean":
        yield from (f"{name} {value}: a boolean has none, leave it out" for name, value in given.items())
    for name, bound in given.items():
        if name not in ("minimum", "maximum"):
            continue
        if column.type == "integer" and not (type(bound) is int and -(2**63) <= bound < 2**63):
            yield f"{name} {bound} is no whole number of 64 bits; write one, or leave it out"
        if column.type in FORMS and type(bound) is not FORMS[column.type][0]:
            yield f"{name} {bound!r} is not {FORMS[column.type][1]}"
        if column.type == "number" and not abs(bound) <= sys.float_info.max:  # nor is NaN
            yield f"{name} {bound} is no finite number; write one, or leave it out"

"""Everything that checks a value gives the same answer, for every value.

In:       a contract.
Out:      values at its edges on which the contract's words, its types, the SQL checks and the requests of the
          service disagree.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..contract import cells
from ..contract.metrics import PYTHON
from ..contract.predicates import literal
from ..contract.values import Column, Contract
from ..engine import checks
from ..engine.duckdb_engine import DuckDB
from ..engine.files import quoted
from ..errors import DataError
from . import edges


def disagreements(contract: Contract, folder: Path, requests: bool) -> Iterator[str]:
    """Where two answers differ; `requests`: whether the service takes rows of contracts."""
    values = {column.name: list(edges.values(column)) for column in contract.columns}
    accepted = _by_sql(contract, values, folder)
    for column in contract.columns:
        given = values[column.name]
        answers = {
            "the contract": [keeps(column, value) for value in given],
            "its type": _by_type(column, given),
            "SQL": [(column.name, place) in accepted for place in range(len(given))],
        }
        if requests:
            answers["a request"] = _by_request(alone(contract, column), given)
        for value, *each in zip(given, *answers.values(), strict=True):
            if len(set(each)) > 1:
                said = ", ".join(f"{who}: {good}" for who, good in zip(answers, each, strict=True))
                yield f"{column.name} = {str(value)[:60]!r} is good for {said}"


def keeps(column: Column, value: Any) -> bool:
    """What the contract says of `value`, read word by word."""
    limits = column.limits
    if value is None:
        return not column.required
    if type(value) not in PYTHON[column.type] or getattr(value, "tzinfo", None):
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if column.enum and value not in column.enum:
        return False
    if isinstance(value, str):
        long_enough = limits.min_length <= len(value) <= (limits.max_length or math.inf)
        return long_enough and bool(re.fullmatch(limits.pattern or "(?s:.*)", value, re.ASCII))
    above = limits.minimum is None or limits.minimum <= value
    return bool(above and (limits.maximum is None or value <= limits.maximum))


def alone(contract: Contract, *columns: Column) -> Contract:
    """The contract of these columns only, without what several rows must have in common."""
    free = [column.model_copy(update={"key": False, "unique": False, "quality": ()}) for column in columns]
    return contract.model_copy(update={"columns": tuple(free), "quality": ()})


def _by_type(column: Column, values: Sequence[Any]) -> list[bool]:
    """Which of `values` the contract's own examples may be."""
    kind = cells.cell(column)

    def accepts(value: Any) -> bool:
        try:
            kind.validate_json(json.dumps(value, default=str))
        except ValidationError:
            return False
        return True

    return [accepts(value) for value in values]


def _by_request(contract: Contract, values: Sequence[Any]) -> list[bool]:
    """Which of `values` the service accepts in rows of the contract's one column."""
    from ..service import request  # a data pipeline has no service

    reader = request.Reader(contract)
    (column,) = contract.columns

    def reads(value: Any) -> bool:
        try:
            reader.read(json.dumps({"rows": [{column.name: value}]}, default=str).encode())
        except (request.ViolationsError, request.MalformedError):
            return False
        return True

    return [reads(value) for value in values]


def _by_sql(contract: Contract, values: Mapping[str, Sequence[Any]], folder: Path) -> set[tuple[str, int]]:
    """Column and place of the `values` that the checks accept, in files of the types that such values have.

    A file takes 10 ms or more and has one type for a column. So it holds the values of one type, for all
    columns to which the contract gives the same type: those are refused for it, if at all, together.
    """
    accepted = set()
    with DuckDB() as engine:
        for type_ in {column.type for column in contract.columns}:
            alike = alone(contract, *(column for column in contract.columns if column.type == type_))
            for kind in {_kind(value) for column in alike.columns for value in values[column.name]}:
                accepted |= _accepted(engine, alike, values, kind, folder)
    return accepted


def _accepted(
    engine: DuckDB, contract: Contract, values: Mapping[str, Sequence[Any]], kind: str, folder: Path
) -> set[tuple[str, int]]:
    """Column and place of the values of this kind that break no rule and can be kept."""
    table = f'"{contract.name}"'
    asked = {(name, n) for name in contract.sql_types for n, v in enumerate(values[name]) if _kind(v) == kind}
    rows = []
    for place in sorted({place for _, place in asked}):
        cells = [
            _as_sql(c, values[c.name][place]) if (c.name, place) in asked else "null"
            for c in contract.columns
        ]
        rows.append(f"({place}, {', '.join(cells)})")
    names = ", ".join(f'"{name}"' for name in contract.sql_types)
    engine.keep(contract.name, f"from (values {', '.join(rows)}) as t(_place, {names})")
    try:
        checks.split(engine, contract, folder)
    except DataError:
        return set()
    quarantine = quoted(folder / checks.QUARANTINE)
    broken = f"select unnest(string_split(broken_rules, ', ')) as rule, _place from {quarantine}"
    bad = engine.rows(f"select split_part(rule, ':', 1), _place from ({broken})")
    for name, type_ in contract.sql_types.items():  # the checks keep a row only if all of it is good
        lost = f'"{name}" is not null and try_cast("{name}" as {type_}) is null'
        bad += engine.rows(f"select '{name}', _place from {table} where {lost}")
    return asked - set(bad)


def _as_sql(column: Column, value: Any) -> str:
    if value is None:
        return f"cast(null as {column.sql_type})"
    if isinstance(value, datetime):
        return f"{'timestamptz' if value.tzinfo else 'timestamp'} '{value}'"
    types: dict[type, str] = {bool: "boolean", int: "hugeint", float: "double", str: "varchar", date: "date"}
    return f"cast({literal(str(value))} as {types[type(value)]})"


def _kind(value: Any) -> str:
    return str(type(value)) + str(getattr(value, "tzinfo", None))

"""Everything that checks a value gives the same answer, for every value.

In:       a contract.
Out:      values at, beside and far from its limits on which the contract's words, its types, the SQL checks
          and the requests of the service disagree.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..contract import odcs, synthetic
from ..contract.predicates import literal
from ..contract.values import Column, Contract
from ..engine import checks
from ..engine.duckdb_engine import DuckDB
from ..errors import ContractError, DataError

PYTHON: dict[str, set[type]] = {
    "string": {str},
    "integer": {int},
    "number": {int, float},
    "boolean": {bool},
    "timestamp": {datetime},
}
TEXTS = ["", " ", "é", "e\u0301", "🤦🏼\u200d♂️", "null", "NaN", "'; drop table t; --", "a\tb", "x" * 10_000]
NUMBERS = [0, -1, 0.5, -0.0, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf]
NUMBERS += [2**31, 2**63, -(2**100)]
TIMES = [datetime(1900, 1, 1), datetime.min, datetime.max, datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)]
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")  # digits by Unicode, but not by a contract
ROWS = 2_000


def disagreements(contract: Contract, folder: Path, requests: bool) -> Iterator[str]:
    """Where two answers differ; `requests`: whether the service takes rows of contracts."""
    with DuckDB() as engine:
        for column in contract.columns:
            one = alone(contract, column)
            values = [v for v in edges(column) if column.type != "string" or not isinstance(v, date)]
            for kind in {_kind(value) for value in values}:  # a file has one type for a column
                alike = [value for value in values if _kind(value) == kind]
                answers = {
                    "the contract": [keeps(column, value) for value in alike],
                    "its type": _by_type(column, alike),
                    "SQL": _by_sql(engine, one, column, alike, folder),
                }
                if requests:
                    answers["a request"] = _by_request(one, [{column.name: value} for value in alike])
                for value, *given in zip(alike, *answers.values(), strict=True):
                    if len(set(given)) > 1:
                        said = ", ".join(f"{who}: {good}" for who, good in zip(answers, given, strict=True))
                        yield f"{column.name} = {str(value)[:60]!r} is good for {said}"


def bad_synthetic_rows(contract: Contract, folder: Path) -> Iterator[str]:
    """The rules that rows made up from the contract break."""
    try:
        statement = synthetic.sql(contract, ROWS)
    except ContractError as error:
        yield str(error)
        return
    with DuckDB() as engine:
        engine.keep(contract.name, statement)
        broken = checks.split(engine, contract, folder, part=True).broken
    yield from (f"{rows:,} of {ROWS:,} made-up rows break {rule}" for rule, rows in broken.items())


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


def edges(column: Column) -> Iterator[Any]:
    """Values at, beside and far from every limit of `column`, and of types that it does not take."""
    yield from [None, True, False, 1, 1.0, "1", "true", *TEXTS, *NUMBERS, *TIMES]
    for value in (*column.enum, *column.examples):
        yield value
        if isinstance(value, str):
            yield from (f"{value}\n", f" {value}", f"{value}x", value.swapcase(), value.translate(ARABIC))
    for length in filter(None, (column.limits.min_length, column.limits.max_length)):
        yield from ("x" * (length - 1), "x" * length, "x" * (length + 1), "é" * length)
    for bound in (column.limits.minimum, column.limits.maximum):
        if isinstance(bound, datetime):
            yield from (bound + timedelta(microseconds=step) for step in (-1, 0, 1))
        elif bound is not None:
            beside = (math.nextafter(bound, -math.inf), math.nextafter(bound, math.inf))
            yield from (bound - 1, bound, bound + 1, *beside)


def alone(contract: Contract, *columns: Column) -> Contract:
    """The contract of these columns only, without what several rows must have in common."""
    free = [column.model_copy(update={"key": False, "unique": False, "quality": ()}) for column in columns]
    return contract.model_copy(update={"columns": tuple(free), "quality": ()})


def _by_type(column: Column, values: Sequence[Any]) -> list[bool]:
    """Which of `values` the contract's own examples may be."""
    kind = odcs.cell(column)

    def accepts(value: Any) -> bool:
        try:
            kind.validate_json(json.dumps(value, default=str))
        except ValidationError:
            return False
        return True

    return [accepts(value) for value in values]


def _by_request(contract: Contract, rows: Sequence[Any]) -> list[bool]:
    """Which of `rows` the service accepts."""
    from ..service import request  # a data pipeline has no service

    reader = request.Reader(contract)

    def reads(row: Any) -> bool:
        try:
            reader.read(json.dumps({"rows": [row]}, default=str).encode())
        except (request.ViolationsError, request.MalformedError):
            return False
        return True

    return [reads(row) for row in rows]


def _by_sql(
    engine: DuckDB, contract: Contract, column: Column, values: Sequence[Any], folder: Path
) -> list[bool]:
    """Which of `values` the checks accept, in a file of the type that such values have."""
    rows = ", ".join(f"({place}, {_as_sql(column, value)})" for place, value in enumerate(values))
    engine.keep(contract.name, f'from (values {rows}) as t(place, "{column.name}")')
    try:
        checks.split(engine, contract, folder)
    except DataError:
        return [False] * len(values)
    bad = {place for (place,) in engine.rows(f"select place from '{folder / checks.QUARANTINE}'")}
    return [place not in bad for place in range(len(values))]


def _as_sql(column: Column, value: Any) -> str:
    if value is None:
        return f"cast(null as {column.sql_type})"
    if isinstance(value, datetime):
        return f"{'timestamptz' if value.tzinfo else 'timestamp'} '{value}'"
    types: dict[type, str] = {bool: "boolean", int: "hugeint", float: "double", str: "varchar", date: "date"}
    return f"cast({literal(str(value))} as {types[type(value)]})"


def _kind(value: Any) -> str:
    return str(type(value)) + str(getattr(value, "tzinfo", None))

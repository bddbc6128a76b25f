"""Read a contract file of the Open Data Contract Standard (https://bitol.io), version 3.2.

In:       a YAML file whose stem is the name of its one table.
Out:      a `Contract`, valid by the standard's own schema and free of contradictions.
Failure:  ContractError CT001 (no such file), CT002 (not ODCS: every wrong place, each with the
          nearest known key), CT003 (contradicts itself, or asks for what is not supported here).
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from .. import yaml_file
from ..errors import ContractError, nearest
from .kinds import KINDS
from .values import Column, Contract

VERSION = "v3.2.0"


def load(path: Path) -> Contract:
    """The contract in the file `path`."""
    try:
        return _parsed(path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError("CT001", f"{path} cannot be read: {error}", "give a YAML file") from None
    except yaml.YAMLError as error:
        raise ContractError("CT001", f"{path} cannot be read: {error}", "correct those lines") from None


@lru_cache(maxsize=100)  # a run asks for the same contract several times, and the schema takes 0.1 s
def _parsed(path: Path, content: str) -> Contract:
    raw = yaml_file.document(content)
    if found := dict.fromkeys(_misfits(raw)):
        text = "\n  ".join([f"{path} is not a contract (ODCS {VERSION})", *found])
        raise ContractError("CT002", text, "correct it; https://bitol.io lists the keys of the standard")
    wrong, hint = "contradicts itself", "change one of the two"
    try:
        contract = Contract.model_validate(raw | {"path": path})
        found = dict.fromkeys(_contradictions(contract, len(raw["schema"])))
    except ValidationError as error:
        found = {_place(each["loc"], raw) + each["msg"]: None for each in error.errors()}
        wrong, hint = "asks for what is not supported here", "change each of these places"
    if found:
        text = "\n  ".join([f"{path} {wrong}", *found]).replace("Value error, ", "")
        raise ContractError("CT003", text, hint)
    return contract


def load_all(folder: Path) -> dict[str, Contract]:
    """Every contract in `folder`, by name."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.yaml"))}


def _contradictions(contract: Contract, tables: int) -> Iterator[str]:
    if tables > 1 or contract.name != contract.path.stem:
        yield f"schema: it must hold one table, named as the file: {contract.path.stem!r}"
    names = Counter(f"column {column.name.lower()}" for column in contract.columns)
    names += Counter(f"quality rule {rule.name}" for rule in contract.rules("sql"))
    yield from (f"{name}: declared twice" for name, times in names.items() if times > 1)
    for rule in contract.rules("sql"):
        if rule.severity != "error":
            reason = f"severity {rule.severity} is not for type: sql, whose rows go to quarantine"
            yield f"quality rule {rule.name}: {reason}; leave it out, or make it a rule of type: library"
    for rule in contract.quality:
        if rule.metric == "nullValues":
            yield f"{rule.name or rule.metric}: it belongs to a column"
    for column in contract.columns:
        if column.name.lower() == "broken_rules":
            yield f"{column.name}: a quarantine file has a column of that name, give it another"
        for fault in _faults(column):
            yield f"{column.name}: {fault}"


def _faults(column: Column) -> Iterator[str]:
    limits = column.limits
    if column.physical_type not in (None, column.sql_type):
        yield f"physicalType {column.physical_type} is not {column.sql_type}, which carries {column.type}"
    bounds = [bound for bound in (limits.minimum, limits.maximum) if bound is not None]
    if wrong := [*_misplaced(column)]:
        yield from wrong
        return
    if limits.max_length is not None and limits.min_length > limits.max_length:
        yield f"minLength {limits.min_length} is above maxLength {limits.max_length}"
    if re.search(r"\\[dDwWsSbB]", limits.pattern or ""):
        yield f"pattern {limits.pattern!r}: \\d and its like differ by engine, write [0-9]"
    if re.search(r"\[[^\]\\]*(&&|--|~~|\[(?!:))", limits.pattern or ""):
        yield f"pattern {limits.pattern!r}: sets within [] differ by engine, write the characters"
    try:
        kind = cell(column)
    except SchemaError:
        yield f"pattern {limits.pattern!r} is not understood by all that check it"
        return
    for value in (*(column.enum or bounds), *column.examples):  # they must keep the column's own rules
        try:
            kind.validate_json(json.dumps(value, default=datetime.isoformat))
        except ValidationError as error:
            yield f"{value!r}: {error.errors()[0]['msg']}"


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
        if column.type == "number" and not abs(bound) <= sys.float_info.max:  # nor is NaN
            yield f"{name} {bound} is no finite number; write one, or leave it out"


def _misfits(content: Any) -> Iterator[str]:
    from jsonschema.exceptions import best_match  # most commands read no contract

    validator, known = _standard()
    errors = list(validator.iter_errors(content))
    for error in (best_match([each]) or each for each in errors):  # of alternatives, what lacks least
        unexpected = re.findall(r"'([^']+)'", error.message) if "unexpected" in error.message else []
        hints = [f"no key {key!r}, {nearest(key, known)}" for key in unexpected if key not in known]
        yield _place(error.absolute_path, content) + ("; ".join(hints) or error.message)
    if not errors and content["apiVersion"] != VERSION:
        yield f"apiVersion: {content['apiVersion']!r} is not {VERSION!r}"


def _place(path: Iterable[Any], content: Any) -> str:
    """`schema.source.properties.station: `, list entries by their name where they have one."""
    words = []
    for step in path:
        try:
            content = content[step]
        except (LookupError, TypeError):  # a field that is not there
            content = None
        words.append(content.get("name", step) if isinstance(content, dict) else step)
    return ".".join(map(str, words)) + ": " if words else ""


@cache
def _standard() -> tuple[Any, list[str]]:
    """The validator of the standard's own schema, and every key it knows, at any level."""
    from jsonschema import Draft201909Validator

    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return Draft201909Validator(json.loads(text)), sorted(set(re.findall(r'"([a-z]\w*)": \{', text)))

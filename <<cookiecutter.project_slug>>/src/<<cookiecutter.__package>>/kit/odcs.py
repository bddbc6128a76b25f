# The template's file: edits here meet template updates (copier update merges them).
"""Read a contract file of the Open Data Contract Standard (https://bitol.io), version 3.2.

In:       a YAML file whose stem is the name of its one table.
Out:      a `Contract`, valid by the standard's own schema and free of contradictions.
Failure:  ContractError CT001 (no such file), CT002 (not ODCS: every wrong place, each with the
          nearest known key), CT003 (contradicts itself).
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator, ValidationError
from open_data_contract_standard.model import OpenDataContractStandard

from .consistency import problems
from .contract import SQL_TYPES, Column, Contract, Entry, custom, moment
from .errors import ContractError, nearest

VERSION = "v3.2.0"
BITS = {"BIGINT": 64, "INTEGER": 32, "SMALLINT": 16}


def load(path: Path) -> Contract:
    """The contract in the file `path`."""
    raw = _read(path)
    tables = raw.get("schema") or [{}]
    table = tables[0]
    contract = Contract(
        path=path,
        name=table.get("name", ""),
        product=raw.get("dataProduct", ""),
        purpose=" ".join((raw.get("description") or {}).get("purpose", "").split()),
        version=raw["version"],
        columns=tuple(_column(entry) for entry in table.get("properties", [])),
        quality=_rules(table),
        custom=custom(table),
        promises=tuple(raw.get("slaProperties", [])),
        owner=raw["team"].get("name", "") if isinstance(raw.get("team"), dict) else "",
        contact=next((s["url"] for s in raw.get("support", []) if "url" in s), ""),
        location=next((s["path"] for s in raw.get("servers", []) if "path" in s), None),
    )
    if found := problems(contract, tables):
        text = "\n  ".join(found)
        raise ContractError(
            "CT003", f"{path} contradicts itself\n  {text}", "change one of the two"
        )
    return contract


def load_all(folder: Path) -> dict[str, Contract]:
    """Every contract in `folder`, by name."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.yaml"))}


def _rules(entry: Entry) -> tuple[Entry, ...]:
    return tuple(rule for rule in entry.get("quality", []) if rule.get("type") != "text")


def _column(entry: Entry) -> Column:
    kind = entry.get("logicalType", "")
    sql_type = entry.get("physicalType") or SQL_TYPES.get(kind, ("",))[0]
    options = entry.get("logicalTypeOptions", {})
    low, high = options.get("minimum"), options.get("maximum")
    if kind == "timestamp":
        low, high = moment(low), moment(high)
    if kind == "integer" and sql_type in BITS:  # a wider file must not overflow the column
        edge = 2 ** (BITS[sql_type] - 1)
        low, high = -edge if low is None else low, edge - 1 if high is None else high
    return Column(
        name=entry.get("name", ""),
        type=kind,
        sql_type=sql_type,
        required=entry.get("required", False),
        unique=entry.get("unique", False),
        key=entry.get("primaryKey", False),
        minimum=low,
        maximum=high,
        pattern=options.get("pattern"),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        enum=tuple(value["value"] for value in entry.get("enum", [])),
        quality=_rules(entry),
        custom=custom(entry),
        entry=entry,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(
            "CT001", f"{path}: {error.strerror}", "name a contract file that exists"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(
            "CT001", f"{path} is not YAML: {error}", "mend the line it names"
        ) from None
    if found := list(_misfits(content)):
        text = "\n  ".join(found)
        raise ContractError(
            "CT002", f"{path} is not a contract (ODCS {VERSION})\n  {text}", "mend it"
        )
    return dict(content)


def _misfits(content: object) -> Iterator[str]:
    errors = list(_validator().iter_errors(content))
    paths = [list(error.absolute_path) for error in errors]
    # A wrong key deep inside makes every level above it wrong too: name the deepest place only.
    deepest = [
        error
        for error, path in zip(errors, paths, strict=True)
        if not any(len(other) > len(path) and other[: len(path)] == path for other in paths)
    ]
    yield from dict.fromkeys(f"{_place(error, content)}: {_reason(error)}" for error in deepest)
    if not errors and isinstance(content, dict) and content["apiVersion"] != VERSION:
        yield f"apiVersion: {content['apiVersion']!r} is not {VERSION!r}"


def _place(error: ValidationError, content: object) -> str:
    """`schema.source.properties.station`: list entries by their name where they have one."""
    words, here = [], content
    for step in error.absolute_path:
        here = here[step]  # type: ignore[index]
        named = isinstance(step, int) and isinstance(here, dict)
        words.append(str(here.get("name", step) if named else step))
    return ".".join(words) or "top level"


def _reason(error: ValidationError) -> str:
    if "unexpected" not in error.message:
        return error.message
    unknown = [key for key in re.findall(r"'([^']+)'", error.message) if key not in _keys()]
    return "; ".join(f"no key {key!r}, {nearest(key, _keys())}" for key in unknown) or error.message


@cache
def _validator() -> Draft201909Validator:
    return Draft201909Validator(json.loads(OpenDataContractStandard.json_schema()))  # type: ignore[no-untyped-call]


@cache
def _keys() -> frozenset[str]:
    """Every key the standard knows, at any level."""

    def walk(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
        children = (
            node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        )
        for child in children:
            yield from walk(child)

    return frozenset(walk(_validator().schema))

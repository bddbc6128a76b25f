# The template's file: edits here meet template updates (copier update merges them).
"""Read a contract file of the Open Data Contract Standard (https://bitol.io), version 3.2.

In:       a YAML file whose stem is the name of its one table.
Out:      a `Contract`, valid by the standard's own schema and free of contradictions.
Failure:  ContractError CT001 (no such file), CT002 (not ODCS: every wrong place, each with the
          nearest known key), CT003 (contradicts itself).
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator, ValidationError
from pydantic import ValidationError as Contradiction

from .contract import COMPARISONS, Contract, custom
from .errors import ContractError, nearest
from .request import MalformedError, Reader, ViolationsError

VERSION = "v3.2.0"


def load(path: Path) -> Contract:
    """The contract in the file `path`."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError("CT001", f"{path} cannot be read: {error}", "give a YAML file") from None
    if misfits := list(dict.fromkeys(_misfits(raw))):
        text = "\n  ".join(misfits)
        raise ContractError("CT002", f"{path} is not a contract (ODCS {VERSION})\n  {text}", "mend it")
    try:
        contract = _contract(path, raw)
        found = list(_contradictions(contract, raw))
    except Contradiction as error:
        properties = {"columns": (raw.get("schema") or [{}])[0].get("properties", [])}
        found = [f"{_named(problem['loc'], properties)}{problem['msg']}" for problem in error.errors()]
    except ValueError as error:
        found = [str(error)]
    if found:
        text = "\n  ".join(found)
        raise ContractError("CT003", f"{path} contradicts itself\n  {text}", "change one of the two")
    return contract


def load_all(folder: Path) -> dict[str, Contract]:
    """Every contract in `folder`, by name."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.yaml"))}


def _contract(path: Path, raw: dict[str, Any]) -> Contract:
    table = (raw.get("schema") or [{}])[0]
    return Contract(
        path=path,
        name=table.get("name", ""),
        product=raw.get("dataProduct", ""),
        purpose=" ".join(raw.get("description", {}).get("purpose", "").split()),
        version=raw["version"],
        columns=table.get("properties", []),
        quality=tuple(rule for rule in table.get("quality", []) if rule.get("type") != "text"),
        custom=custom(table),
        owner=raw["team"].get("name", "") if isinstance(raw.get("team"), dict) else "",
        contact=next((s["url"] for s in raw.get("support", []) if "url" in s), ""),
        location=next((s["path"] for s in raw.get("servers", []) if "path" in s), None),
    )


def _contradictions(contract: Contract, raw: dict[str, Any]) -> Iterator[str]:
    if len(raw["schema"]) > 1 or contract.name != contract.path.stem:
        yield f"schema: it must hold one table, named as the file: {contract.path.stem!r}"
    for name in {n for n in contract.sql_types if [c.name for c in contract.columns].count(n) > 1}:
        yield f"{name}: declared twice"
    ratio, names = contract.custom.get("allowedBadRatio", 0), [rule.get("name") for rule in contract.quality]
    if not isinstance(ratio, int | float) or not 0 <= ratio < 1:
        yield f"allowedBadRatio {ratio!r} is not in [0, 1)"
    for name in {name for name in names if name and names.count(name) > 1}:
        yield f"two quality rules are named {name!r}"
    for owner, rule in contract.table_rules:
        metric = "nullValues" if owner else "rowCount"
        if rule.get("metric") != metric or not any(word in rule for word in COMPARISONS):
            known = " or ".join(COMPARISONS)
            yield f"{rule.get('name', metric)}: a rule here is `metric: {metric}` with {known}"
    for column in contract.columns:  # the values it names must keep its own rules
        free = column.model_copy(update={"enum": ()})
        reader = Reader(contract.model_copy(update={"columns": (free,)}))
        for value in (*column.enum, *column.examples):
            try:
                reader.read(json.dumps({"rows": [{column.name: value}]}, default=str).encode())
            except ViolationsError as error:
                broken = error.found[0]
                yield f"{column.name}: {value!r}: {broken.rule} {broken.expected}"
            except MalformedError as error:
                yield f"{column.name}: {value!r}: {error}"


def _misfits(content: object) -> Iterator[str]:
    errors = list(_validator().iter_errors(content))
    paths = [list(error.absolute_path) for error in errors]
    for error, path in zip(errors, paths, strict=True):
        # A wrong key deep inside makes every level above it wrong too: name the deepest place only.
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in paths)
        if unknown := _unknown(error):
            hints = "; ".join(f"no key {key!r}, {nearest(key, _keys())}" for key in unknown)
            yield _named(path, content) + hints
        elif not deeper:
            yield _named(path, content) + error.message
    if not errors and isinstance(content, dict) and content["apiVersion"] != VERSION:
        yield f"apiVersion: {content['apiVersion']!r} is not {VERSION!r}"


def _named(path: Sequence[Any], content: Any) -> str:
    """`schema.source.properties.station: `, list entries by their name where they have one."""
    words = []
    for step in path:
        content = content[step] if isinstance(content, list | dict) and step in _steps(content) else None
        words.append(content.get("name", step) if isinstance(content, dict) else step)
    return ".".join(map(str, words)) + ": " if words else ""


def _steps(content: list[Any] | dict[str, Any]) -> Collection[Any]:
    return content if isinstance(content, dict) else range(len(content))


def _unknown(error: ValidationError) -> list[str]:
    """The keys an error is about that the standard has at no level."""
    keys = re.findall(r"'([^']+)'", error.message) if "unexpected" in error.message else []
    return [key for key in keys if key not in _keys()]


@cache
def _validator() -> Draft201909Validator:
    official = files("open_data_contract_standard").joinpath("schema.json")
    return Draft201909Validator(json.loads(official.read_text(encoding="utf-8")))


@cache
def _keys() -> list[str]:
    """Every key the standard knows, at any level."""
    text = json.dumps(_validator().schema)
    return sorted(set(re.findall(r'"(\w+)": \{', text)))

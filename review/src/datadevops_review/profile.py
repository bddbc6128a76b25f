"""The organisation's file: `datadevops.toml`.

In:       a TOML file.
Out:      a standard.
Failure:  Unusable with everything that is wrong in the file, and the nearest known name for an unknown one.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from packaging.version import InvalidVersion, Version

from .contracts import mapping, mappings
from .pipelines import PLACES
from .review import Unusable
from .rules import RULES
from .standard import STRICTNESSES, Addition, Importance, Standard
from .template import Template

NAME = "datadevops.toml"
TEXTS = ("licences", "base-images", "ci", "units")
REQUIRE = {*TEXTS, "minimum-python", "availability-floor", "releases-behind"}
TOP = {
    "strictness": (str, "a text"),
    "docs": (str, "a text"),
    "template": (str, "a text"),
    "require": (dict, "a table"),
    "levels": (dict, "a table"),
    "rules": (list, "a list of tables, each below `[[rules]]`"),
}
FIELDS = {each.name for each in fields(Addition)}


def load(path: Path) -> Standard:
    """The standard that a profile sets. Raises Unusable."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Unusable(f"{path}: is not TOML: {error}") from error
    if wrong := list(_wrong(given)):
        raise Unusable("\n".join(f"{path}: {each}" for each in wrong))
    settings: dict[str, Any] = {name: given[name] for name in ("strictness", "docs") if name in given}
    for name, value in mapping(given.get("require")).items():
        settings[name.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    if "template" in given:
        settings["template"] = Template(given["template"])
    additions = tuple(Addition(**each) for each in mappings(given.get("rules")))
    return Standard(**settings, levels=mapping(given.get("levels")), additions=additions)


def _wrong(given: dict[str, Any]) -> Iterator[str]:
    require, levels = mapping(given.get("require")), mapping(given.get("levels"))
    yield from _unknown(given, set(TOP), "")
    for name, (kind, said) in TOP.items():
        if name in given and not isinstance(given[name], kind):
            yield f"{name} is {given[name]!r}, not {said}"
    yield from _unknown(require, REQUIRE, "[require] ")
    yield from _unknown(levels, set(RULES), "[levels] ")
    if given.get("strictness", "starter") not in STRICTNESSES:
        yield f"strictness is {given['strictness']!r}; one of {', '.join(STRICTNESSES)}"
    for name in TEXTS:
        value = require.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            yield f"[require] {name} is {value!r}, not a list of texts"
        elif name == "ci" and (others := [each for each in value if each not in PLACES]):
            yield f"[require] ci: {', '.join(others)} is none of {', '.join(PLACES)}"
    floor, behind = require.get("availability-floor", 0.0), require.get("releases-behind", 0)
    if not isinstance(floor, int | float) or not 0 <= floor < 1:
        yield f"[require] availability-floor is {floor!r}, not a ratio from 0 to 1"
    if type(behind) is not int or behind < 0:
        yield f"[require] releases-behind is {behind!r}, not a number of releases"
    try:
        Version(require.get("minimum-python", "3.11"))
    except (InvalidVersion, TypeError):
        yield f'[require] minimum-python is {require["minimum-python"]!r}, not a version as "3.12", in quotes'
    for name, value in levels.items():
        if value not in get_args(Importance):
            yield f"[levels] {name} is {value!r}; one of {', '.join(get_args(Importance))}"
    rules = given.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else [], start=1):
        yield from (f"rule {number}: {each}" for each in _wrong_rule(mapping(rule)))


def _wrong_rule(rule: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(rule, FIELDS, "")
    for name in sorted(FIELDS):
        if not isinstance(rule.get(name, "" if name == "matches" else None), str):
            yield f"{name} is {rule[name]!r}, not a text" if name in rule else f"no {name}"
    if not re.fullmatch(r"(?!DD)[A-Z]{2,8}\d{1,4}", str(rule.get("id"))):
        yield f"id is {rule.get('id')!r}; capitals and digits as ACME01, not DD"
    if rule.get("level") not in ("must", "should"):
        yield f"level is {rule.get('level')!r}; must or should"
    try:
        re.compile(str(rule.get("matches", "")))
    except re.error as error:
        yield f"matches is no regular expression: {error}"


def _unknown(given: dict[str, Any], known: set[str], where: str) -> Iterator[str]:
    for name in given.keys() - known:
        near = get_close_matches(name, known, n=1)
        yield f"{where}unknown name {name!r}; " + (
            f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(known))}"
        )

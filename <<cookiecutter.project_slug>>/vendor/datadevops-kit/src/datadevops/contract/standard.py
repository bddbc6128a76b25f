"""The schema that the Open Data Contract Standard itself publishes.

In:       the content of a contract file.
Out:      each place that is not of that schema, with the nearest key that the standard knows.
Failure:  none.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import nearest
from . import misplaced

VERSION = "v3.2.0"  # every earlier 3.x says the same in the same words


def misfits(content: Any) -> Iterator[str]:
    validator, known = _standard()
    errors = [each for each in validator.iter_errors(content) if not _of_no_type(each, content)]
    closest = list(map(_closest, errors))
    for error in (each for each in closest if not _follows(each, closest, known)):
        unexpected = getattr(error.kind, "unexpected", [])
        hints = [f"no key {key!r}, {nearest(key, known)}" for key in unexpected if key not in known]
        words = "it is empty: give it a value, or leave it out" if error.instance is None else ""
        words = words or misplaced.words(error, content) or _words(error)
        yield place(error.instance_path, content) + ("; ".join(hints) or words)
    if not errors and not content["apiVersion"].startswith("v3."):
        yield f"apiVersion: {content['apiVersion']!r} is not {VERSION!r} or an earlier v3"


def _words(error: Any) -> str:
    """What the validator says; of one of many words, with the nearest or all of them, which it leaves out."""
    allowed = getattr(error.kind, "options", None)
    if not (isinstance(allowed, list) and isinstance(error.instance, str)):
        return str(error.message)
    return f"{error.instance!r} is not one of its words, {nearest(error.instance, map(str, allowed))}"


def _follows(error: Any, errors: Iterable[Any], known: Iterable[str]) -> bool:
    """Whether it says only that the schema gave up on an entry, after an error inside of that entry."""
    path = list(error.instance_path)
    inside = any(
        len(each.instance_path) > len(path) and list(each.instance_path)[: len(path)] == path
        for each in errors
    )
    gave_up = "unevaluatedProperties" in list(error.schema_path)[-1:]
    return gave_up and inside and set(error.kind.unexpected) <= set(known)


def _closest(error: Any) -> Any:
    """Of an error in each of several alternatives, the one that lies deepest: that alternative was meant."""
    while inner := [each for branch in getattr(error.kind, "context", []) for each in branch]:
        error = max(inner, key=lambda each: len(each.instance_path))
    return error


def _of_no_type(error: Any, content: Any) -> bool:
    """Whether the schema, as it is written, takes a column without logicalType for a map or for each type."""
    path, entry = error.instance_path, error.instance
    if path[-1:] == ["logicalTypeOptions"]:
        for step in path[:-1]:
            content = content[step]
        entry = content
    elif getattr(error.kind, "property", "") != "map":
        return False
    return "logicalType" not in entry


def place(path: Iterable[Any], content: Any) -> str:
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
    from jsonschema_rs import Draft201909Validator  # most commands read no contract

    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return Draft201909Validator(json.loads(text)), sorted(set(re.findall(r'"([a-z]\w*)": \{', text)))

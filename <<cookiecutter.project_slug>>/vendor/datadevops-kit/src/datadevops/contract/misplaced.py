"""What a wrong place of a contract file should hold, in words and as it is written.

In:       an error of the validator of the standard's schema; the content of the file.
Out:      the rule and the remedy; empty where what the validator says is plain enough.
Failure:  none.
"""

import json
from collections.abc import Iterable
from typing import Any

OPTIONS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("pattern", "format", "minLength", "maxLength", "timezone", "defaultTimezone"),
)
PAIRS = {"slaProperties": "property", "customProperties": "property"}  # lists of a name and a value


def words(error: Any, content: Any) -> str:
    """What is wrong, and what to write instead."""
    path, value = list(error.instance_path), error.instance
    if unexpected := getattr(error.kind, "unexpected", []):
        return _of_keys(unexpected, path, content)
    (wanted, *others) = getattr(error.kind, "types", None) or [""]
    if wanted == "object" and path[-2:-1] == ["enum"] and not isinstance(value, list):
        return f"an enum is a list of mappings, write {{value: {_shown(value)}}}"
    if wanted == "array" and not others:
        return f"it must be a list, write {_listed(path[-1] if path else '', value)}"
    return ""


def _of_keys(keys: Iterable[str], path: list[Any], content: Any) -> str:
    if path[-1:] == ["logicalTypeOptions"]:
        for step in path[:-1]:
            content = content[step]
        kind = content.get("logicalType")
        return (
            f"a {kind} has no {' and no '.join(keys)}: leave it out, or give the column another logicalType"
        )
    found = [
        f"{key} belongs into logicalTypeOptions, write `logicalTypeOptions: {{{key}: ...}}`"
        for key in keys
        if key in OPTIONS
    ]
    return "; ".join(found)


def _listed(name: Any, value: Any) -> str:
    """The value as the list that was meant."""
    if isinstance(value, dict) and name in PAIRS:
        pairs = [f"- {{{PAIRS[name]}: {key}, value: {_shown(each)}}}" for key, each in value.items()]
        return " ".join(pairs[:1]) + (", and so on" if len(pairs) > 1 else "")
    if isinstance(value, dict):
        return f"- {{{', '.join(f'{key}: {_shown(each)}' for key, each in value.items())}}}"
    return f"[{_shown(value)}]"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

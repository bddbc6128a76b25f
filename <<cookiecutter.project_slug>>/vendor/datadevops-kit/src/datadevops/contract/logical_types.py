"""The logical type of each column where its file leaves it to the physical type, or calls a time a date.

In:       the content of a contract file, whatever its shape.
Out:      the same content with these types in it.
Failure:  none: what cannot be told stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from . import options

Entry = dict[str, Any]


def typed(content: Any) -> Any:
    """The content, its columns and their parts with a logicalType."""
    if not isinstance(content, dict) or not isinstance(content.get("schema"), list):
        return content
    server = first(content, "servers")
    return content | {"schema": [_parts_typed(table, server) for table in content["schema"]]}


def carried(column: Mapping[str, Any], server: Mapping[str, Any]) -> tuple[str, ...]:
    """The logical types that the physicalType of a column can carry; none where nobody knows it."""
    if not isinstance(given := column.get("physicalType"), str) or not given:
        return ()
    from . import physical  # it loads sqlglot, and most contracts have no physical types

    found = physical.carried(given, str(server.get("type", "")))
    if server.get("format") == "csv" and "string" in found:  # its cells are all text
        return (*found, str(column.get("logicalType", "string")))
    return found


def first(content: Mapping[str, Any], key: str) -> Entry:
    """The first entry of a list, empty if there is none."""
    entries = content.get(key)
    return entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}


def _typed(column: Any, server: Entry, default: str | None = None) -> Any:
    if not isinstance(column, dict):
        return column
    kind, found = column.get("logicalType"), carried(column, server)
    parts = {"properties": "object", "items": "array", "map": "map"}
    if kind is None:
        kind = next((kind for key, kind in parts.items() if key in column), next(iter(found), default))
        kind = None if kind == "binary" else kind  # the standard has no such type
    if kind == "date":  # until version 3.1 there was no other type for times
        if found[:1] in (("timestamp",), ("time",)):
            kind = found[0]
        elif options.has_hour(first({"": [column.get("logicalTypeOptions")]}, "").get("format")):
            kind = "timestamp"
    return _parts_typed(column, server, "string") | ({"logicalType": kind} if kind else {})


def _parts_typed(entry: Any, server: Entry, default: str | None = None) -> Any:
    """`default`: the type of a part that does not tell one; nobody looks at it."""
    if not isinstance(entry, dict):
        return entry
    typed = dict(entry)
    if isinstance(entry.get("properties"), list):
        typed["properties"] = [_typed(each, server, default) for each in entry["properties"]]
    if "items" in entry:
        typed["items"] = _typed(entry["items"], server, default)
    if isinstance(entry.get("map"), dict):
        typed["map"] = {key: _typed(each, server, default) for key, each in entry["map"].items()}
    return typed

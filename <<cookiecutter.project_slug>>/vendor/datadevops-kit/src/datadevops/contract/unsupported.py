"""What the standard has and nobody keeps here: it is refused by name, so that nothing is silently ignored.

Names, descriptions, tags, owners, links and prices promise nothing about data and are taken as they are.

In:       the content of a contract file, whose columns have a logicalType.
Out:      each place in words, with what to do.
Failure:  none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from . import relationships
from .kinds import KINDS

SCALARS = ", ".join(KINDS)
LEAVE_OUT = "leave the column out, a file may have more columns than its contract"


def refusals(raw: Mapping[str, Any]) -> Iterator[str]:
    """Every place of the file that is refused."""
    table = raw["schema"][0] if raw.get("schema") else {}
    columns = table.get("properties", [])
    names = {column["name"] for column in columns}
    yield from _of_server(raw)
    found = [(f"schema.{table.get('name')}", [*_of_entry(table), *relationships.refusals(table)])]
    for column in columns:
        place = f"schema.{table['name']}.properties.{column['name']}"
        found.append((place, [*_of_type(column), *_of_entry(column), *_of_column(column, names)]))
    yield from (f"{place}: {text}" for place, texts in found for text in texts)


def _of_server(raw: Mapping[str, Any]) -> Iterator[str]:
    """Of the first server, whose path or location is where files are read and published."""
    for server in raw.get("servers", [])[:1]:
        place = f"servers.{server['server']}"
        format_, encoding = server.get("format", "parquet"), server.get("encoding", "UTF-8")
        where = server.get("path") or server.get("location") or ""
        if "://" in where and not where.startswith("s3://"):
            yield f"{place}: {where} is not read here; give a path, or an address that begins with s3://"
        if ("path" in server or "location" in server) and format_ not in ("parquet", "csv"):
            yield f"{place}.format: {format_} is not read here; give parquet or csv"
        if "delimiter" in server:
            yield f"{place}.delimiter: the first line of a CSV file shows it; leave it out"
        if encoding != "UTF-8":
            yield f"{place}.encoding: {encoding} is not read here; give UTF-8"


def _of_type(column: Mapping[str, Any]) -> Iterator[str]:
    kind, physical = column["logicalType"], column.get("physicalType", "")
    if kind in KINDS:
        return
    if not kind:
        tells = f", and its physicalType {physical} does not tell one" if physical else ""
        yield f"it has no logicalType{tells}; give one of {SCALARS}"
    elif kind == "time":
        yield f"logicalType time is not one of {SCALARS}; make it a string with a pattern"
    elif kind == "binary":
        yield f"physicalType {physical} holds bytes, which is not one of {SCALARS}; {LEAVE_OUT}"
    else:
        yield f"logicalType {kind} is not one of {SCALARS}: it holds more than one value; {LEAVE_OUT}"


def _of_entry(entry: Mapping[str, Any]) -> Iterator[str]:
    """Of a table or a column."""
    for number, rule in enumerate(entry.get("quality", [])):
        name = rule.get("name") or number
        if rule.get("type") == "custom":
            yield f"quality.{name}: {rule['engine']} does not run here; write it as type sql, library or text"
        if rule.get("type") == "sql" and not rule.get("name"):
            yield f"quality.{name}: a rule of type sql needs a name, which its rows in quarantine get"


def _of_column(column: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    if column.get("semanticType") == "measure":
        yield "semanticType measure: a query makes it, no row holds it; leave the column out"
    encrypted = column.get("encryptedName")
    if encrypted and encrypted not in names:
        yield f"encryptedName {encrypted}: there is no such column; declare it, or leave the name out"

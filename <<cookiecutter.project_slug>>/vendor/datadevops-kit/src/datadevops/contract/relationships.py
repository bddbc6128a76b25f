"""Columns that refer to a column of another source: foreign keys, in the words of the standard.

In:       the content of a contract file; the contracts of a product.
Out:      each column with what it refers to, as `airports.station`; what is not supported, in words.
Failure:  ContractError CT013 (a column refers to none that another source has, or to itself in the end).

Rows that are made up keep them. Rows that are delivered need not: each source comes when it comes, so a row
may be there before the one that it refers to.
"""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..errors import ContractError, nearest
from .values import Column, Contract

Entry = dict[str, Any]
ONE_COLUMN = r"\w+\.\w+"
LEAVE_OUT = "leave it out, or say it in the description"


def with_targets(table: Entry) -> Entry:
    """The table, each of its columns with the one that it refers to."""
    found = {column: to for column, to in _pairs(table) if isinstance(to, str)}
    columns = [{**each, "refersTo": found.get(each["name"], "")} for each in table.get("properties", [])]
    return table | {"properties": columns}


def refusals(table: Entry) -> Iterator[str]:
    """What is not supported: keys of several columns, other ways to write a column, two for one column."""
    known, seen = [column["name"] for column in table.get("properties", [])], set[Any]()
    for column, to in _pairs(table):
        if not (isinstance(column, str) and isinstance(to, str)):
            yield f"relationships: a key of several columns is not looked at; {LEAVE_OUT}"
        elif column not in known:
            yield f"relationships: from {column}: it must be a column of this table, as {table['name']}.id"
        elif not re.fullmatch(ONE_COLUMN, to):
            yield f"relationships: {column} to {to}: write it as table.column"
        elif column in seen:
            yield f"relationships: {column} refers to two columns; leave one of them out"
        seen.add(str(column))


def _pairs(table: Entry) -> Iterator[tuple[Any, Any]]:
    """(column, what it refers to), as the file says it."""
    for column in table.get("properties", []):
        yield from ((column["name"], each["to"]) for each in column.get("relationships", []))
    for each in table.get("relationships", []):
        own, to = each["from"], each["to"]
        yield (own.removeprefix(f"{table.get('name')}.") if isinstance(own, str) else own), to


def require_targets(contracts: Mapping[str, Contract]) -> None:
    """Refuse references that no made-up row could keep."""
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    faults = [
        f"{contract.path}: {column.name} refers to {column.refers_to}: {fault}"
        for contract in contracts.values()
        for column in contract.columns
        if column.refers_to and (fault := _fault(contract, column, sources))
    ]
    if not faults:
        try:
            TopologicalSorter(_needed(sources)).prepare()
        except CycleError as error:
            faults = [f"{' -> '.join(reversed(error.args[1]))}: each refers to the next"]
    if faults:
        text = "\n  ".join(["relationships between sources that cannot be kept", *faults])
        raise ContractError("CT013", text, "correct them, or leave them out")


def _fault(contract: Contract, column: Column, sources: Mapping[str, Contract]) -> str:
    table, _, name = column.refers_to.partition(".")
    if not contract.is_source:
        return "only sources are made up together; leave it out"
    if table not in sources:
        return f"no source is {table!r}, {nearest(table, sources)}"
    types = {each.name: each.type for each in sources[table].columns}
    if name not in types:
        return f"{table} has no column {name!r}, {nearest(name, types)}"
    if types[name] != column.type:
        return f"it is {column.type}, and that is {types[name]}"
    return ""


def columns_for(contract: Contract, name: str) -> tuple[Column, ...]:
    """The columns without which the values of one cannot be made up: other references are left out, so that
    a row may refer to one of its own table, and two tables to each other."""
    return tuple(c for c in contract.columns if c.key or c.name == name or not c.refers_to)


def _needed(sources: Mapping[str, Contract]) -> dict[str, list[str]]:
    """Column -> the columns whose values have to be made up first."""
    return {
        f"{table}.{column.name}": [
            each.refers_to for each in columns_for(contract, column.name) if each.refers_to
        ]
        for table, contract in sources.items()
        for column in contract.columns
    }

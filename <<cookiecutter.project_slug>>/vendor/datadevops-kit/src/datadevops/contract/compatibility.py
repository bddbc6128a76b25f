"""What a new version of a contract takes from those who rely on the old one.

In:       the contract that consumers know, and the one that shall follow.
Out:      each broken promise, in words; none where the new major version is higher.
"""

import re
from collections.abc import Iterator
from typing import Any

from .values import Column, Contract


def breaks(old: Contract, new: Contract, sent: bool = False) -> list[str]:
    """What breaks consumers of `old`. A new column does not, unless callers have to send it (`sent`). Limits,
    wider or narrower, do: values come that nobody expects, or rows that were good go to quarantine. So does a
    lower version: consumers take what has it for what they know."""
    if precedence(new.version) < precedence(old.version):
        return [f"the version was {old.version}, is {new.version}: it must not fall"]
    if major(new) > major(old):
        return []
    added = sorted(new.sql_types.keys() - old.sql_types.keys()) if sent else []
    return [*_changes(old, new), *(f"{column}: callers do not send it yet" for column in added)]


def major(contract: Contract) -> int:
    """The first number of the version: 2 of 2.1.0.

    >>> major(Contract.model_construct(version="v2.1.0"))
    2
    """
    return int(re.findall(r"\d+", contract.version)[0])


def precedence(version: str) -> tuple[Any, ...]:
    """What versions are compared by, as Semantic Versioning says: numbers as numbers, 1.0 as 1.0.0, a
    pre-release before its release; what follows a `+` does not count.

    >>> precedence("v1.10") > precedence("1.9.1") > precedence("1.9.1-rc.2") > precedence("1.9.1-rc.1")
    True
    >>> precedence("1.0.0") == precedence("v1+build.5")
    True
    """
    numbers, _, before = version.removeprefix("v").split("+")[0].partition("-")
    release = [int(number) for number in numbers.split(".")]
    while release[-1:] == [0]:
        release.pop()
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in before.split(".")]
    return release, not before, parts


def _changes(old: Contract, new: Contract) -> Iterator[str]:
    columns = {column.name: column for column in new.columns}
    if old.keys != new.keys:
        yield f"the key was {', '.join(old.keys)}, is {', '.join(new.keys)}"
    for was in old.columns:
        if now := columns.get(was.name):
            yield from (f"{was.name}: {change}" for change in _column_changes(was, now))
        else:
            yield f"{was.name}: removed"


def _column_changes(was: Column, now: Column) -> Iterator[str]:
    if was.type != now.type:
        yield f"was {was.type}, is {now.type}"
        return
    if was.required and not now.required:
        yield "may be null now"
    if was.unique and not now.unique:
        yield "is no longer unique"
    if set(was.enum) != set(now.enum):
        yield f"values were {_listed(was.enum)}, are {_listed(now.enum)}"
    for name, limit in was.limits.model_dump().items():
        if limit != (new := getattr(now.limits, name)):
            yield f"{name} was {limit}, is {new}"


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values)) or "any"

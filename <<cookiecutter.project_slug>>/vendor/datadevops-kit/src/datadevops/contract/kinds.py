"""What the types and names of a contract may be, and what each type is in SQL and in Python.

In:       a value as the contract file has it.
Out:      the value, if it is allowed.
Failure:  ValueError, which `odcs` turns into ContractError CT003.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from pydantic import NaiveDatetime

from ..errors import nearest


class Kind(NamedTuple):
    """What a logicalType of the standard is elsewhere."""

    sql: str
    python: Any
    carriers: str  # SQL types of a file that can carry it, a regular expression


INTEGER = r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+, ?0\)"
KINDS = {
    "string": Kind("VARCHAR", str, r"VARCHAR|ENUM.*"),
    "integer": Kind("BIGINT", int, INTEGER),
    "number": Kind("DOUBLE", float, rf"DOUBLE|FLOAT|DECIMAL.*|{INTEGER}"),
    "boolean": Kind("BOOLEAN", bool, "BOOLEAN"),
    # A time zone would move the hours with the session.
    "timestamp": Kind("TIMESTAMP", NaiveDatetime, r"TIMESTAMP(_S|_MS|_NS)?"),
    # Some writers have no days, so a day is a time at midnight; another time breaks the rule `day`.
    "date": Kind("DATE", date, r"DATE|TIMESTAMP(_S|_MS|_NS)?"),
}
UNTYPED = '"NULL"'  # of a null without a cast
SPAN = re.compile(
    r"P(?=[0-9T])(?:(?P<weeks>[0-9]{1,4})W|(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,8})M)?(?:(?P<seconds>[0-9]{1,9})S)?)?)"
)
BIGINT = {"minimum": -(2**63), "maximum": 2**63 - 1}
OURS = (
    *("allowedBadRatio", "availableAfter", "deliveries", "driftLimit", "keepVersions", "knownAfterOutcome"),
    *("labelUnit", "missingValues", "modelInput", "partitionGrain", "partitionedSource", "synthetic"),
)


def word(name: str) -> str:
    """A name that SQL and JSON take without quotes. Raises ValueError."""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} cannot be a name: it is a letter, then letters, digits and _")
    return name


def numbered(version: str) -> str:
    """A version with a major number, which promises consumers what stays. Raises ValueError."""
    if not re.fullmatch(r"v?[0-9]+(\.[0-9]+)*([-+].*)?", version):
        raise ValueError(f"{version!r} is no version, write it as 1.0.0")
    return version


def duration(text: Any) -> timedelta:
    """A time span as ISO 8601 writes it, of weeks or of days, hours, minutes and seconds; a month or a year
    has no fixed length. Raises ValueError.

    >>> duration("P1DT30M")
    datetime.timedelta(days=1, seconds=1800)
    """
    found = re.fullmatch(SPAN, text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"{text!r} is no duration of weeks, days, hours, minutes, seconds; write it as PT1H")
    return timedelta(**{unit: int(number) for unit, number in found.groupdict("0").items()})


def carries(type_: str, kind: str) -> bool:
    """Whether a SQL type can carry a logicalType; a null without a cast can carry each.

    >>> carries("TINYINT", "number"), carries("VARCHAR", "number"), carries(UNTYPED, "number")
    (True, False, True)
    """
    return type_ == UNTYPED or bool(re.fullmatch(KINDS[kind].carriers, type_))


def kind_of(type_: str) -> str:
    """The logicalType of a SQL type; empty if a contract has none for it.

    >>> kind_of("TINYINT"), kind_of("DECIMAL(9,2)"), kind_of("BLOB")
    ('integer', 'number', '')
    """
    return next((name for name, kind in KINDS.items() if re.fullmatch(kind.carriers, type_)), "")


def quoted_name(name: str) -> str:
    """A column in SQL, be it a word of it or not."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Columns as a list in SQL."""
    return ", ".join(map(quoted_name, names))


def custom(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The customProperties of `entry` that are ours; a team may have others beside them.

    Raises ValueError for a name that is nearly one of ours.
    """
    found = {given["property"]: given["value"] for given in entry.get("customProperties", [])}
    for name in found:
        if name not in OURS and "did you mean" in (hint := nearest(name, OURS)):
            raise ValueError(f"no custom property {name!r}, {hint}")
    return {name: value for name, value in found.items() if name in OURS}

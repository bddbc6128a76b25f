"""What a contract promises about its table as a whole (`slaProperties`): how fresh, how available.

In:       a contract; of two, the one that is known, and the one that shall follow.
Out:      each promise with its value and unit; names that are misspelt, there twice, or no words of the
          standard; whether a new value is less than the old one.
Failure:  none.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from .values import Contract

AVAILABILITY = "availability"
FRESHNESS = "freshness"
UNITS = {"percent": 0.01, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# The words that the standard has for a promise, and the one for the age of data.
KNOWN = (
    AVAILABILITY,
    "endOfLife",
    "endOfSupport",
    "errorRate",
    FRESHNESS,
    "frequency",
    "generalAvailability",
    "latency",
    "retention",
    "throughput",
    "timeToDetect",
    "timeToNotify",
    "timeToRepair",
)
ALIKE = 0.85  # from here on a word is taken for one of these with a typing error, not for a word of its own
MOST_TYPED = 2  # characters more or less that a typing error makes
# Of these a higher value promises less; of all others a lower one does.
LESS_IS_BETTER = (
    "errorRate",
    "freshness",
    "frequency",
    "latency",
    "timeToDetect",
    "timeToNotify",
    "timeToRepair",
)

Value = tuple[Any, Any]  # value, unit
Promises = Mapping[str, Value]  # by property


def of(contract: Contract) -> Promises:
    """The promises of a contract."""
    return {each["property"]: (each["value"], each.get("unit")) for each in contract.sla_properties}


def misspelt(contract: Contract) -> Iterator[str]:
    """Each promise whose name is nearly a word of the standard: nothing would compare it with that."""
    words = {known.lower(): known for known in KNOWN}
    for name in of(contract):
        near = get_close_matches(name.lower(), words, n=1, cutoff=ALIKE)
        if name not in KNOWN and near and abs(len(near[0]) - len(name)) <= MOST_TYPED:
            yield f"slaProperties.{name}: did you mean {words[near[0]]!r}?"


def repeated(contract: Contract) -> Iterator[str]:
    """Each promise that is there more than once, of the same part of the table: nobody knows which holds."""
    given = [(each["property"], each.get("element")) for each in contract.sla_properties]
    for name, element in dict.fromkeys(each for each in given if given.count(each) > 1):
        yield f"slaProperties.{name}: promised {given.count((name, element))} times; keep one of them"


def unknown(contract: Contract) -> list[str]:
    """The names of promises that are no words of the standard, which allows any."""
    return [name for name in of(contract) if name not in KNOWN]


def amount(value: Any, unit: Any) -> float | None:
    """A promise as a number, times in seconds; None if it is no number with a known unit.

    >>> amount(1.5, "h")
    5400.0
    """
    known = unit in UNITS and isinstance(value, int | float)
    return value * UNITS[unit] if known else None


def is_less(name: str, was: Value, now: Value) -> bool:
    """Whether the new value of a promise is less than the old one, or cannot be compared with it.

    >>> is_less("freshness", (3, "h"), (1, "d")), is_less("availability", (99, "percent"), (99.5, "percent"))
    (True, False)
    """
    old, new = amount(*was), amount(*now)
    if old is None or new is None:
        return was != now
    return new > old if name in LESS_IS_BETTER else new < old


def shown(value: Any, unit: Any) -> str:
    return f"{value} {unit or ''}".strip()

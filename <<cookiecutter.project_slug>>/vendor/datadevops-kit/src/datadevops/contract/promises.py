"""What a contract promises about its table as a whole (`slaProperties`): how fresh, how available.

In:       a contract; of two, the one that is known, and the one that shall follow.
Out:      each promise with its value and unit; whether a new value is less than the old one.
Failure:  none.
"""

from collections.abc import Mapping
from typing import Any

from .values import Contract

UNITS = {"percent": 0.01, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
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

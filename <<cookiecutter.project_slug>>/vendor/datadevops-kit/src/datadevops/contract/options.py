r"""The logicalTypeOptions of a column as limits that are checked.

In:       a logical type, the options as the contract file has them.
Out:      minimum, maximum, pattern and lengths. Other options of the standard are expressed in these:
          exclusive bounds, the width of numbers, `\d` in a pattern.
Failure:  none. What cannot be checked stays under its name, and the contract is refused for it.
"""

import math
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic_core import SchemaError

from .kinds import BIGINT

WIDTHS = {f"i{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)}
WIDTHS |= {f"u{bits}": (0, 2**bits - 1) for bits in (8, 16, 32)}
FLOATS = {"f32": 3.4028234663852886e38, "f64": sys.float_info.max}
# How ISO 8601 is written for Java; those for a timestamp have the hour in them.
ISO = re.compile(r"(yyyy|YYYY|uuuu)-MM-(dd|DD)((?P<hour>[ T]|'T')HH:mm(:ss([.,]S{1,6})?)?(Z|X{1,3}|'Z')?)?")
UTC_NAMES = (None, "UTC", "Etc/UTC", "GMT", "Z")
STEPS: dict[str, Any] = {"date": timedelta(days=1), "timestamp": timedelta(microseconds=1), "integer": 1}
DIGITS = {"d": "0-9", "w": "A-Za-z0-9_"}  # in ECMA 262, which the standard names; engines know other digits


def parsed(kind: str, value: Any) -> Any:
    """A day or a time of the contract file, in UTC, as a value; anything else as it stands."""
    if kind in ("date", "timestamp") and isinstance(value, str):
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(value)
            at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
            if kind == "timestamp":
                return at
            if at == datetime.combine(at, datetime.min.time()):
                return at.date()
    return value


def has_hour(format_: Any) -> bool:
    """Whether a format of Java's DateTimeFormatter has hours."""
    return isinstance(format_, str) and bool(re.search("[HhKk]", re.sub("'[^']*'", "", format_)))


def limits(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the fields of `values.Limits`."""
    found = {name: parsed(kind, value) for name, value in given.items()}
    form = found.get("format")
    if kind == "integer":
        found = {name: _whole(value) for name, value in found.items()}
    if (kind == "integer" and form in WIDTHS) or (kind == "number" and form in FLOATS):
        low, high = WIDTHS[form] if kind == "integer" else (-FLOATS[form], FLOATS[form])
        if form != "f64":
            _tighten(found, low, high)
        del found["format"]
    if kind in ("date", "timestamp"):
        if (iso := ISO.fullmatch(str(form))) and bool(iso["hour"]) == (kind == "timestamp"):
            del found["format"]
        if found.get("timezone") is False:
            del found["timezone"]
        if found.get("defaultTimezone") in UTC_NAMES:
            found.pop("defaultTimezone", None)
    _tighten(found, _beside(kind, found, "exclusiveMinimum", 1), _beside(kind, found, "exclusiveMaximum", -1))
    if isinstance(found.get("pattern"), str):
        found["pattern"] = plain(found["pattern"])
    return (BIGINT if kind == "integer" else {}) | found


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _tighten(found: dict[str, Any], low: Any, high: Any) -> None:
    """Raise the minimum to `low`, lower the maximum to `high`; None: no bound. What does not compare stays:
    the contract is refused for it."""
    with suppress(TypeError):
        if low is not None:
            found["minimum"] = max(found.get("minimum", low), low)
        if high is not None:
            found["maximum"] = min(found.get("maximum", high), high)


def _beside(kind: str, found: dict[str, Any], name: str, way: int) -> Any:
    """The nearest value above (1) or below (-1) an exclusive bound, which is taken out of `found`."""
    bound: Any = found.get(name)
    number = isinstance(bound, int | float) and not isinstance(bound, bool) and kind in ("integer", "number")
    if not (number or (isinstance(bound, date) and kind in STEPS)):
        return None
    with suppress(OverflowError, ValueError):  # beyond the last day, or no number: it stays, and is refused
        if kind == "number":
            beside: Any = math.nextafter(bound, math.inf * way)
        elif isinstance(bound, float):
            beside = math.floor(bound) + 1 if way > 0 else math.ceil(bound) - 1
        else:
            beside = bound + way * STEPS[kind]
        del found[name]
        return beside
    return None


def pattern_faults(pattern: str) -> Iterator[str]:
    """Why a pattern does not mean the same to all that check it."""
    if found := re.search(r"\\[DWsSbB]", pattern):
        yield f"pattern {pattern!r}: {found[0]} differs by engine, write the characters"
    if re.search(r"\[[^\]\\]*(&&|--|~~|\[(?!:))", pattern):
        yield f"pattern {pattern!r}: sets within [] differ by engine, write the characters"
    try:
        TypeAdapter(Annotated[str, Field(pattern=rf"\A(?:{pattern})\z")])
    except SchemaError:
        yield f"pattern {pattern!r} is not understood by all that check it"


def plain(pattern: str) -> str:
    r"""The pattern with `\d` and `\w` written out.

    >>> plain(r"\d{3}-[\w.]+\\d")
    '[0-9]{3}-[A-Za-z0-9_.]+\\\\d'
    """
    written, within = "", False
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part[1:] in DIGITS and part[0] == "\\":
            part = DIGITS[part[1:]] if within else f"[{DIGITS[part[1:]]}]"
        elif part in "[]":
            within = part == "["
        written += part
    return written

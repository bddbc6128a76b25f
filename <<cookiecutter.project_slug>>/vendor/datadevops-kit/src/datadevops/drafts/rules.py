"""What a column's values must keep, as far as a file can suggest it, and how values like them are made up.

In:       what was found in the file about the column.
Out:      lines of its entry, each with what was seen.
Failure:  none.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ..contract.predicates import literal
from . import limits, shapes
from .columns import Found
from .survey import Figures
from .yaml_text import Line, flow

FEWEST_REPEATS = 5  # rows for each value of an enum, on average; fewer values show no pattern either
LOOKS = {  # look -> pattern, made-up values, what it is called
    "uuid": (
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        ["00000000-0000-4000-8000-000000000001"],
        "a UUID",
    ),
    "email": (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]+", ["one@example.com"], "an e-mail address"),
}
ROOM = 2  # times the longest text
TRUTHS = {"ja", "nein", "oui", "non", "si", "sí", "sim", "não", "no", "on", "off", "j", "n", "yes", "y"}
MADE_UP = "made up, so that no real value stands here; put typical ones"
EXACT = 2**53  # whole numbers up to here are exact in 64 bits of floating point
STEP, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def rules(column: Found, seen: Figures, in_key: bool, numbered: bool) -> Iterator[Line]:
    """`numbered`: made-up rows number the values of this column, so that little may limit them."""
    hint: dict[str, Any] = {}
    if column.type == "string":
        yield from _of_text(column, seen, numbered)
    elif seen.low is not None and column.type in ("date", "timestamp"):
        yield from _options(*limits.of_times(seen.low, seen.high), seen)
        hint = _times(column, seen, in_key)
    elif column.type in ("date", "timestamp"):
        hint = {"sql": "null"}  # nobody knows any
    elif seen.low is not None and numbered:
        if seen.low >= 0:
            about = f"guess: {_seen(seen)}, and may count up"
            yield f"logicalTypeOptions: {{minimum: {min(seen.low, 1)}}}", about
    elif seen.low is not None:
        bounds: Any = limits.of_integers if column.type == "integer" else limits.of_numbers
        least, most = bounds(seen.low, seen.high)
        yield from _options(least, most, seen)
        exact = column.type == "number" or max(abs(seen.low), abs(seen.high)) < EXACT
        if exact and seen.mean is not None and seen.sd is not None:
            hint = {"mean": _rounded(seen.mean, seen.sd), "sd": _rounded(seen.sd, seen.sd)}
    if seen.nulls and not in_key:
        hint["nulls"] = float(f"{seen.nulls / seen.rows:.2g}")
    if hint or column.missing:
        yield "customProperties:", ""
    if column.missing:
        words = {"property": "missingValues", "value": list(column.missing)}
        yield f"  - {flow(words)}", "guess: read as null"
    if hint:
        yield f"  - {flow({'property': 'synthetic', 'value': hint})}", ""


def _rounded(value: float, sd: float) -> float:
    """The value, to a tenth of the first digit of the standard deviation."""
    return round(value, 1 - Decimal(repr(sd or value or 1.0)).adjusted())


def _options(minimum: Any, maximum: Any, seen: Figures) -> Iterator[Line]:
    given = {"minimum": _plain(minimum), "maximum": _plain(maximum)}
    if given := {name: bound for name, bound in given.items() if bound is not None}:
        yield f"logicalTypeOptions: {flow(given)}", f"guess: {_seen(seen)}"


def _seen(seen: Figures) -> str:
    if seen.low == seen.high:
        return f"constant, always {_plain(seen.low)}"
    return f"seen {_plain(seen.low)} to {_plain(seen.high)}"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _times(column: Found, seen: Figures, in_key: bool) -> dict[str, Any]:
    """How to make up times like those seen."""
    first, span = literal(seen.low), seen.high - seen.low
    if column.type == "date":
        return {} if in_key else {"sql": f"{first} + cast(_row % {span.days + 1} as integer)"}
    if in_key:
        return {"start": seen.low.replace(microsecond=0).isoformat()}
    step, count = STEP // MICROSECOND, span // MICROSECOND + 1
    return {"sql": f"{first} + to_microseconds(_row * {step} % {count})"}


def is_enum(seen: Figures) -> bool:
    """Whether a text has so few values that a contract lists them."""
    several = len(seen.values) > 1 and seen.known >= FEWEST_REPEATS * len(seen.values)
    return several and all(value.isprintable() for value in seen.values)


def _of_text(column: Found, seen: Figures, numbered: bool) -> Iterator[Line]:
    if is_enum(seen):
        words = {value.strip().lower() for value in seen.values}
        about = f"guess: {len(seen.values)} values in {seen.known:,} rows"
        if len(words) < len(seen.values):
            about += ", some differ only in case or blanks"
        if len(words) == 2 and words <= TRUTHS:
            about += "; as true and false they could be a boolean"
        yield f"enum: {flow([{'value': value} for value in seen.values])}", about
    elif not numbered:
        pattern, examples, about = _form(column, seen)
        if len(seen.values) == 1:
            about = f"constant, always {seen.values[0]!r}"
        if pattern:
            yield f"logicalTypeOptions: {flow({'pattern': pattern})}", f"guess: {about}"
        elif seen.high:
            yield f"logicalTypeOptions: {{maxLength: {ROOM * seen.high}}}", f"guess: {about}"
        yield f"examples: {flow(examples)}", MADE_UP


def _form(column: Found, seen: Figures) -> tuple[str, list[str], str]:
    """The pattern of a text, empty if there is none; made-up values; what was seen."""
    if column.look:
        pattern, examples, called = LOOKS[column.look]
        return pattern, examples, f"each looks like {called}"
    if seen.shape and seen.known >= FEWEST_REPEATS:
        return shapes.pattern(seen.shape), [shapes.example(seen.shape)], f"each looks like {seen.shape}"
    return "", ["a", "b"], f"up to {seen.high or 0} characters"

"""What differs between two versions of a contract.

In:       the contract that is known, and the one that shall follow.
Out:      each `Change` in words: of which column, whether it breaks who relies on the old one, which rule
          judges rows otherwise from now on, and whether it asks for more or for less.
Failure:  none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from . import promises
from .entries import Entry, Rule
from .kinds import BIGINT
from .values import Column, Contract

LESS, MORE = "promises less", "promises more"
DESCRIPTION = ("description", "label_unit")
READING = (
    "physical_name",
    "missing_values",
    "available_after",
    "known_after_outcome",
    "model_input",
    "refers_to",
)
PARTITIONS = ("partitioned", "partition_grain")
TABLE = ("allowed_bad_ratio", "deliveries", "drift_limit", "keep_versions", "partitioned_source")


@dataclass(frozen=True)
class Change:
    column: str  # "": of the table as a whole
    text: str  # "maximum was 100, is 99"
    breaks: bool  # whether it takes something from those who rely on the old contract
    rule: str = ""  # that now judges rows otherwise, by its name in a quarantine
    promise: str = ""  # the property of `slaProperties` that has changed
    kind: str = ""  # "tighter", "looser": of a rule of rows; "promises less", "promises more"

    def __str__(self) -> str:
        return f"{self.column}: {self.text}" if self.column else self.text


def changes(old: Contract, new: Contract, sent: bool = False) -> Iterator[Change]:
    """Each change. Limits, wider or narrower, break: values come that nobody expects, or rows that were good
    go to quarantine. `sent`: callers send such rows, so a new column breaks too, and one that is required."""
    columns, known = {each.name: each for each in new.columns}, {each.name for each in old.columns}
    if old.keys != new.keys:
        yield Change(
            "", f"the key was {', '.join(old.keys)}, is {', '.join(new.keys)}", True, "key:duplicate"
        )
    for was in old.columns:
        if now := columns.get(was.name):
            yield from _of_column(was, now, sent)
        else:
            yield Change(was.name, "removed", True)
    for added in (each for each in new.columns if each.name not in known):
        yield Change(added.name, "callers do not send it yet" if sent else "new", sent)
    yield from _of_rules(old, new)
    yield from _of_promises(old, new)
    yield from (Change("", text, False) for text in _others(old, new, TABLE))
    if old.location != new.location:
        moved = old.is_published and old.location is not None
        yield Change("", f"location was {old.location}, is {new.location}", moved)


def _of_column(was: Column, now: Column, sent: bool) -> Iterator[Change]:
    name = was.name
    if was.type != now.type:
        yield Change(name, f"was {was.type}, is {now.type}", True)
        return
    if was.required != now.required:
        text = "is required now" if now.required else "may be null now"
        yield Change(name, text, sent or not now.required, f"{name}:null", kind=_kind(now.required))
    if was.unique != now.unique:
        text = "is unique now" if now.unique else "is no longer unique"
        yield Change(name, text, not now.unique, f"{name}:unique", kind=_kind(now.unique))
    if set(was.enum) != set(now.enum):
        text = f"values were {_listed(was.enum)}, are {_listed(now.enum)}"
        more, less = _is_within(was.enum, now.enum), _is_within(now.enum, was.enum)
        yield Change(name, text, True, f"{name}:enum", kind="looser" if more else "tighter" if less else "")
    for field, limit in was.limits.model_dump().items():
        if limit != (new := getattr(now.limits, field)):
            option = to_camel(field)
            kind = _kind_of_limit(field, limit, new)
            text = f"{option} was {_bound(limit)}, is {_bound(new)}"
            yield Change(name, text, True, f"{name}:{option}", kind=kind)
    yield from (Change(name, text, False) for text in _others(was, now, DESCRIPTION + READING + PARTITIONS))


def _kind(tighter: bool) -> str:
    return "tighter" if tighter else "looser"


def _bound(limit: Any) -> Any:
    return "none" if limit in (None, *BIGINT.values()) else limit


def _is_within(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    """Whether each value that the first list allows is in the second; an empty list allows any."""
    return not others or (bool(some) and set(some) <= set(others))


def _kind_of_limit(field: str, was: Any, now: Any) -> str:
    if was is None or now is None:
        return _kind(was is None)
    if field == "pattern":
        return ""
    return _kind(now > was if field in ("minimum", "min_length") else now < was)


def _of_rules(old: Contract, new: Contract) -> Iterator[Change]:
    """Rules of rows by their names, those about a whole table by what they ask."""
    before, after = _rules(old), _rules(new)
    for name, rule in before.items():
        if name not in after:
            yield Change(
                rule.column or "",
                f"rule {name}: removed",
                rule.severity == "error",
                _judge(rule),
                kind="looser",
            )
        elif _asked(rule) != _asked(after[name]):
            yield Change(
                rule.column or "", f"rule {name}: asks otherwise", rule.severity == "error", _judge(rule)
            )
    for name, rule in after.items():
        if name not in before:
            yield Change(rule.column or "", f"rule {name}: new", False, _judge(rule), kind="tighter")


def _rules(contract: Contract) -> dict[str, Rule]:
    rules = contract.rules("sql") + contract.rules("library")
    return {each.name or " of ".join(filter(None, (each.metric, each.column))): each for each in rules}


def _asked(rule: Rule) -> tuple[Any, ...]:
    return " ".join(rule.query.split()), rule.bounds, rule.metric, rule.arguments, rule.unit, rule.severity


def _judge(rule: Rule) -> str:
    return rule.name if rule.type == "sql" else ""


def _of_promises(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = promises.of(old), promises.of(new)
    for name, was in before.items():
        if name not in after:
            yield Change("", f"{name} of {promises.shown(*was)} is no longer promised", True, "", name, LESS)
        elif was != (now := after[name]):
            text = f"{name} was {promises.shown(*was)}, is {promises.shown(*now)}"
            less = promises.is_less(name, was, now)
            yield Change("", text, less, "", name, LESS if less else MORE)
    for name in after.keys() - before.keys():
        yield Change("", f"{name} of {promises.shown(*after[name])} is promised now", False, "", name, MORE)


def _others(was: Entry, now: Entry, fields: tuple[str, ...]) -> Iterator[str]:
    """Fields that break nobody, with both values."""
    for field in fields:
        before, after = getattr(was, field), getattr(now, field)
        if before != after:
            yield f"{to_camel(field)} was {before or 'none'}, is {after or 'none'}"


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values)) or "any"

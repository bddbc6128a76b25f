"""What contracts promise in their slaProperties, compared with the objectives of the same names.

In:       contracts; an objective.
Out:      the promises by the objectives that may have their names; each difference in words, with the two
          lines of which one is to be written.
Failure:  none.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..contract import promises
from ..contract.values import Contract
from .objectives import Objective, Objectives


class Level(NamedTuple):
    """One promise of a table."""

    path: Path  # of the contract
    table: str
    entry: Mapping[str, Any]  # as it stands there


ServiceLevels = Mapping[str, Sequence[Level]]  # name of an objective -> what it must keep
SHOWN = ("property", "value", "unit", "element")


def of(published: Mapping[str, Contract]) -> ServiceLevels:
    """The slaProperties of these contracts, by the objectives that may have their names: `freshness` is about
    each table that promises it, `freshness-daily-rain` about the table daily_rain."""
    found: dict[str, list[Level]] = {}
    for table, contract in published.items():
        for level in _of_contract(table, contract):
            for name in (level.entry["property"], own_name(level.entry["property"], table)):
                found.setdefault(name, []).append(level)
    return found


def ages(sources: Mapping[str, Contract]) -> Mapping[str, Level]:
    """How old each of these sources may be, by table, of those that promise it."""
    return {
        table: level
        for table, contract in sources.items()
        for level in _of_contract(table, contract)
        if level.entry["property"] == promises.FRESHNESS
    }


def own_name(property_: str, table: str) -> str:
    """The name of an objective that is about one table only."""
    return f"{property_}-{table.replace('_', '-')}"


def kept(objectives: Objectives, table: str, time: str) -> Iterator[dict[str, Any]]:
    """What a contract of the table can promise, as these objectives measure it: availability, and the age of
    the newest row where a column says when a row was true."""
    for o in objectives.slos:
        if o.name == promises.AVAILABILITY and not o.query:
            yield _promised(o, {"property": o.name, "unit": "percent"})
        if o.name == promises.FRESHNESS and o.query and time:
            yield _promised(o, {"property": o.name, "unit": "h", "element": f"{table}.{time}"})


def faults(o: Objective, level: Level) -> Iterator[str]:
    """How the objective differs from what is promised, and what to write in which of the two files."""
    entry, ours = level.entry, o.limit if o.query else o.target
    promised = promises.amount(entry["value"], entry.get("unit"))
    if promised is not None and abs(promised - ours) <= 1e-9:
        return
    there, right = f"{level.path} promises {written(entry)}", written(_promised(o, entry))
    if promised is None:
        units = f"a number with a unit ({', '.join(promises.UNITS)})"
        yield f"{o.name}: the contract of {level.table} must promise {units}: {there}, write {right}"
    else:
        here = f"{o.name}: {ours:g}, but the contract of {level.table} promises {promised:g}"
        possible = o.query or 0 < promised < 1  # no target is a time, or 100 %
        other = f", or in ops/slo.yaml {'value' if o.query else 'target'}: {promised:.12g}" * bool(possible)
        yield f"{here}: {there}. Write there {right}{other}"


def written(entry: Mapping[str, Any]) -> str:
    """The promise as a line of its contract."""
    given = [f"{name}: {entry[name]}" for name in SHOWN if entry.get(name) is not None]
    return f"`- {{{', '.join(given)}}}`"


def _promised(o: Objective, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The promise that the objective keeps, in the unit of the entry where that can be."""
    ours, usual = (o.limit, "s") if o.query else (o.target, "percent")
    unit = entry.get("unit")
    unit = unit if unit in promises.UNITS and (unit == "percent") == (usual == "percent") else usual
    value = float(f"{ours / promises.UNITS[unit]:.12g}")
    promised = {**entry, "value": int(value) if value.is_integer() else value, "unit": unit}
    return {name: promised[name] for name in SHOWN if name in promised}


def _of_contract(table: str, contract: Contract) -> Iterator[Level]:
    return (Level(contract.path, table, entry) for entry in contract.sla_properties)

# The template's file: edits here meet template updates (copier update merges them).
"""Cases for promtool: each alert fires in time, stays quiet when it should, and ends.

In:       an objective.
Out:      `Case`s: made-up series, and what fires when. Nothing but the objective goes in, so they test
          whatever rules were made from it.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from .slo import BURNS, MATCHER, SELECTOR, Objective, Promise

SILENT, BREACH, BLIND = 5, 10, 5  # minutes that it must last before it is told
HISTORY = 180  # healthy minutes before total failure: after a short history the budget burns faster


class Check(NamedTuple):
    """Of the alerts in `among`, or of all, these fire at a minute and no other does."""

    minute: int
    fires: set[str]
    among: set[str] | None = None


class Case(NamedTuple):
    name: str
    series: dict[str, str]  # values from minute 0, in the notation of promtool
    checks: list[Check]


def healthy(promise: Promise) -> Case:
    series = {one(promise.alive): "1x119"}
    for o in promise.objectives:
        series |= events(o, (120, 60, 0)) if o.total else level(o, (120, 0.95))
    checks = [Check(minute, {"Watchdog"}) for minute in (1, 15, 110)]
    return Case("healthy: only the watchdog is heard", series, checks)


def of(o: Objective | None) -> Iterator[Case]:
    """An objective broken and healed, and with few events; without one, that nothing can be seen."""
    if o is None:
        checks = [Check(BLIND - 1, {"Watchdog"}), Check(BLIND + 2, {"TelemetryMissing", "Watchdog"})]
        yield Case("nothing can be seen: that is told", {}, checks)
    else:
        yield from _burning(o) if o.total else _breached(o)


def _burning(o: Objective) -> Iterator[Case]:
    fast, slow = f"{camel(o)}BurnFast", f"{camel(o)}BurnSlow"
    traffic = 1 / o.budget  # so that one failure a minute is allowed
    # The factors are 0.03, 0.1 (slow), 0.2 and 0.48 (fast) for each day of the objective.
    for pace, fires in ((0.02 * o.days, set()), (0.15 * o.days, {slow})):
        series = events(o, (20, traffic - pace, pace), (100, traffic, 0))
        checks = [Check(20, fires), Check(110, set())]
        yield Case(f"{o.name}: {pace:g} times as many failures as allowed, then none", series, checks)
    silent = o.notes.get("silent-after")
    few = 0.1 if silent else 0.01
    series = events(o, (60, few, 0), (1, 0, 2), (60, few, 0))
    yield Case(f"{o.name}: two failures in hours of little traffic", series, [Check(63, set())])
    only = {one(o.total): counter([(60, 60)])}  # a series may come with its first event
    if o.bad:
        yield Case(f"{o.name}: all is well, and no series of failures yet", only, [Check(50, set())])
    elif "fast" in o.burns():
        yield Case(f"{o.name}: no success, and no series of them yet", only, [Check(50, {fast}, {fast})])
    if "fast" in o.burns():
        lasts = int(BURNS["fast"][0].factor(o.days) * o.budget * 60) + 2  # minutes fill an hour's share
        series = events(o, (HISTORY, 60, 0), (lasts, 0, 60), (60, 60, 0))
        told = HISTORY + lasts
        early = [Check(told - 4, set(), {fast})] if lasts > 4 else []
        checks = [*early, Check(told, {fast}, {fast}), Check(told + 45, set(), {fast})]
        yield Case(f"{o.name}: total failure is told in time, and its end too", series, checks)
    if silent:
        name = {f"{camel(o)}Silent"}
        told = 30 + int(silent.removesuffix("m")) + SILENT
        series = events(o, (30, 1, 0), (told - 25, 0, 0), (10, 1, 0))
        checks = [Check(told - 3, set(), name), Check(told + 2, name, name), Check(told + 9, set(), name)]
        yield Case(f"{o.name}: no success at all is told, and its end too", series, checks)
        yield Case(f"{o.name}: not even a metric", {}, [Check(SILENT + 2, name, name)])


def _breached(o: Objective) -> Iterator[Case]:
    name = {f"{camel(o)}Breach"}
    series = level(o, (30, 0.95), (30, 1.05), (30, 0.95))
    checks = [Check(29 + BREACH, set()), Check(32 + BREACH, name), Check(63, set())]
    yield Case(f"{o.name}: above the limit is told, and its end too", series, checks)
    fires = name if o.absent_is_bad else set()
    yield Case(f"{o.name}: not even a metric", {}, [Check(BREACH + 2, fires)])


def camel(o: Objective) -> str:
    return o.name.title().replace("-", "")


def events(o: Objective, *phases: tuple[int, float, float]) -> dict[str, str]:
    """Counters through phases of (minutes, good events a minute, bad events a minute)."""
    good, bad = [(minutes, g) for minutes, g, _ in phases], [(minutes, b) for minutes, _, b in phases]
    every = [(minutes, g + b) for minutes, g, b in phases]
    if o.good:
        return {one(o.total): counter(every), one(o.good): counter(good)}
    same = o.total.partition("{")[0] == o.bad.partition("{")[0]  # then failures are among all events
    return {one(o.total): counter(good if same else every), one(o.bad): counter(bad)}


def counter(phases: list[tuple[int, float]]) -> str:
    """A counter through phases of (minutes, increase a minute).

    >>> counter([(2, 60), (3, 0)])
    '0+60x1 120+0x2'
    """
    value, parts = 0.0, []
    for minutes, rate in phases:
        parts.append(f"{value:.10g}+{rate:.10g}x{minutes - 1}")
        value += rate * minutes
    return " ".join(parts)


def level(o: Objective, *phases: tuple[int, float]) -> dict[str, str]:
    """The metric of a limit through phases of (minutes, share of the limit); time begins at 0."""
    begin, parts = 0, []
    for minutes, share in phases:
        value = share * o.limit or float(share > 1)
        aged = o.query.startswith("time()")
        first = f"{60 * begin - value:.10g}+60" if aged else f"{value:.10g}+0"
        parts.append(f"{first}x{minutes - 1}")
        begin += minutes
    return {one(o.query): " ".join(parts)}


def one(query: str) -> str:
    """A series that the selector in the query matches.

    >>> one('max(x{a="b",code=~"5..|7",c!="d"})')
    'x{a="b",code="500"}'
    """
    ((name, matchers),) = SELECTOR.findall(query)
    labels = [
        (label, value.partition("|")[0].replace(".", "0") if how == "=~" else value)
        for label, how, value in MATCHER.findall(matchers)
        if how in ("=", "=~")
    ]
    return f"{name}{{{','.join(f'{label}={json.dumps(value)}' for label, value in labels)}}}"

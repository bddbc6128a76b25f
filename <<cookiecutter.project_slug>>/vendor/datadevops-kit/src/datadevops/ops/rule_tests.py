"""Tests for promtool: each alert fires in time, stays quiet when it should, and ends.

In:       objectives.
Out:      `Case`s: series made for the test, and the alerts that fire at a minute. They are made from the
          objectives and not from the rules, so a wrong rule fails them.
Failure:  none.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .objectives import BURNS, MATCHER, SELECTOR, Objective, Objectives

SILENT_MINUTES, BREACH_MINUTES, BLIND_MINUTES = 5, 10, 5  # how long it must last before an alert fires
# Healthy (minutes, events a minute) before a total failure: with fewer events the 6h window alerts first.
# Many at the beginning, as promtool takes time for each minute.
HISTORY = ((20, 360), (60, 60))
TELEMETRY = "telemetry"  # stands where an alert has no objective: whether any of them can be measured
BLIND, WATCHDOG = "TelemetryMissing", "Watchdog"


class Check(NamedTuple):
    """At this minute, `fires` of the `watched` alerts fire and the others do not."""

    minute: int
    fires: set[str]
    watched: set[str]


class Case(NamedTuple):
    name: str
    series: dict[str, str]  # values from minute 0, in the notation of promtool
    checks: list[Check]


def cases(objectives: Objectives) -> Iterator[Case]:
    yield _healthy(objectives)
    for o in objectives.slos:
        yield from _burning(o) if o.total else [_breached(o)]
    yield _blind(objectives)


def first_fires(found: Iterable[Case]) -> dict[str, Check]:
    """The first check at which each alert fires."""
    first: dict[str, Check] = {}
    for check in (check for case in found for check in case.checks):
        first |= {name: check for name in check.fires if name not in first}
    return first


def names(o: Objective) -> set[str]:
    """The alerts of an objective."""
    kinds = [f"Burn{speed.title()}" for speed in o.burn_alerts()]
    kinds += ["Silent"] * ("silent-after" in o.annotations) + ["Breach"] * bool(o.query)
    return {camel(o) + kind for kind in kinds}


def _healthy(objectives: Objectives) -> Case:
    series = {one(objectives.alive): "1x89"}
    for o in objectives.slos:
        series |= events(o, (90, 60, 0)) if o.total else level(o, (90, 0.95))
    watched = {BLIND, WATCHDOG}.union(*(names(o) for o in objectives.slos))
    checks = [Check(minute, {WATCHDOG}, watched) for minute in (15, 80)]
    return Case("healthy: only the watchdog fires", series, checks)


def _burning(o: Objective) -> Iterator[Case]:
    fast, slow, every = {f"{camel(o)}BurnFast"}, {f"{camel(o)}BurnSlow"}, names(o)
    traffic = 1 / o.budget  # so that one failure a minute is allowed
    # Budgets a day, see `Burn.daily`: 0.02 is below every limit, 0.15 is above those of a slow burn only.
    steady, worse = 0.02 * o.days, 0.15 * o.days
    series = events(o, (20, traffic - steady, steady), (20, traffic - worse, worse), (30, 3 * traffic, 0))
    checks = [Check(20, set(), every), Check(40, slow, every), Check(68, set(), every)]
    yield Case(
        f"{o.name}: {steady:g} times as many failures as allowed, {worse:g} times, none", series, checks
    )
    silent = o.annotations.get("silent-after")
    few = 0.1 if silent else 0.01
    series = events(o, (60, few, 0), (1, 0, 2), (60, few, 0))
    yield Case(f"{o.name}: two failures in hours of little traffic", series, [Check(63, set(), every)])
    total_only = {one(o.total): counter([(60, 60)])}  # a series may appear with its first event
    if o.bad:
        yield Case(f"{o.name}: healthy, no series of failures yet", total_only, [Check(50, set(), every)])
    elif "fast" in o.burn_alerts():
        yield Case(f"{o.name}: no success, no series of them yet", total_only, [Check(50, fast, fast)])
    if "fast" in o.burn_alerts():
        lasts = int(BURNS["fast"][0].factor(o.days) * o.budget * 60) + 2  # minutes that fill an hour's share
        series = events(o, *((*phase, 0) for phase in HISTORY), (lasts, 0, 60), (40, 60, 0))
        due = sum(minutes for minutes, _ in HISTORY) + lasts
        checks = [Check(due - 4, set(), fast), Check(due, fast, fast), Check(due + 35, set(), fast)]
        yield Case(f"{o.name}: a total failure alerts in time, and the alert ends", series, checks)
    if silent:
        yield from _silent(o, int(silent.removesuffix("m")))


def _silent(o: Objective, minutes: int) -> Iterator[Case]:
    name, due = {f"{camel(o)}Silent"}, 30 + minutes + SILENT_MINUTES
    series = events(o, (30, 1, 0), (due - 25, 0, 0), (10, 1, 0))
    checks = [Check(due - 3, set(), name), Check(due + 2, name, name), Check(due + 9, set(), name)]
    yield Case(f"{o.name}: no good event alerts, and the alert ends", series, checks)


def _breached(o: Objective) -> Case:
    name = names(o)
    series = level(o, (30, 0.95), (30, 1.05), (30, 0.95))
    checks = [
        Check(29 + BREACH_MINUTES, set(), name),
        Check(32 + BREACH_MINUTES, name, name),
        Check(63, set(), name),
    ]
    return Case(f"{o.name}: above the limit alerts, and the alert ends", series, checks)


def _blind(objectives: Objectives) -> Case:
    silent = {f"{camel(o)}Silent" for o in objectives.slos if "silent-after" in o.annotations}
    at_once = silent | {WATCHDOG, BLIND}
    limits = {name: o.absent_is_bad for o in objectives.slos if o.query for name in names(o)}
    breached = {name for name, absent_is_bad in limits.items() if absent_is_bad}
    checks = [
        Check(BLIND_MINUTES - 1, {WATCHDOG}, at_once),
        Check(BLIND_MINUTES + 2, at_once, at_once),
        Check(BREACH_MINUTES + 2, at_once | breached, at_once | limits.keys()),
    ]
    return Case("no metric at all", {}, checks)


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

# The template's file: edits here meet template updates (copier update merges them).
"""Read ops/slo.yaml: what the product promises, and who is told when it fails.

In:       OpenSLO v1 documents; the metrics there are, with their labels; the promises of contracts.
Out:      a `Promise`, of which every alert can be made, can fire, and can be tested.
Failure:  SloError OP001 (not of the form in ops/openslo.yaml: every wrong place), OP002 (an alert that
          could never fire, a series that nothing exports, another target than the contract's).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator

from .contract import Contract
from .errors import SloError, nearest

KINDS = ["Service", "AlertNotificationTarget", "SLO"]
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
UNITS = {"percent": 0.01, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}  # of a contract's promises


class Burn(NamedTuple):
    """Two windows, both of which must burn: the long one has weight, the short one ends the alert."""

    long: str
    short: str
    hours: int  # of the long one
    share: float  # of the budget that is gone when the long one is full

    def factor(self, days: int) -> float:
        """How many times faster than allowed the budget burns, of an objective over so many days."""
        return round(self.share * days * 24 / self.hours, 3)


# Fast and slow: https://sre.google/workbook/alerting-on-slos/, table 5-8
BURNS = {
    "fast": (Burn("1h", "5m", 1, 0.02), Burn("6h", "30m", 6, 0.05)),
    "slow": (Burn("1d", "2h", 24, 0.10), Burn("3d", "6h", 72, 0.10)),
}


@dataclass(frozen=True)
class Objective:
    name: str  # as `data-quality`
    title: str
    target: float  # share of good events, or of good minutes, 0 to 1
    days: int
    notes: Mapping[str, str]  # the annotations: how loud what is told
    total: str = ""  # selectors of counters; empty where it is a limit that must be kept
    bad: str = ""  # either bad or good is given
    good: str = ""
    query: str = ""  # PromQL of a value that must stay at or below the limit
    limit: float = 0

    @property
    def budget(self) -> float:
        return round(1 - self.target, 6)

    @property
    def absent_is_bad(self) -> bool:
        return self.notes.get("absent") != "good"

    def burns(self) -> dict[str, str]:
        """The speeds of burning that are told, and how loud."""
        return {speed: self.notes[f"tell-{speed}"] for speed in BURNS if f"tell-{speed}" in self.notes}

    def events(self, window: str, function: str = "rate") -> str:
        """PromQL for all events in the window."""
        return f"sum({function}({self.total}[{window}]))"

    def errors(self, window: str, function: str = "rate") -> str:
        """PromQL for the bad ones among them; none where the series comes with the first of its events."""
        every = self.events(window, function)
        given = f"(sum({function}({self.bad or self.good}[{window}])) or 0 * {every})"
        return given if self.bad else f"({every} - {given})"


class Promise(NamedTuple):
    service: Any  # metadata: name, labels (team, tier), annotations (impact, runbooks)
    targets: Mapping[str, str]  # page, ticket, heartbeat, unrouted -> address
    objectives: list[Objective]
    metrics: Collection[str]  # that the product exports

    @property
    def alive(self) -> str:
        """PromQL of what is there as long as anything can be seen."""
        return str(self.service["annotations"]["alive"])


Metrics = Mapping[str, Mapping[str, Collection[str]]]  # name -> label -> its values; empty: any
Promised = Mapping[str, tuple[Any, Any]]  # by a contract: property -> value, unit


def load(path: Path, metrics: Metrics, promised: Promised) -> Promise:
    """What the file says; where the contract promises something of an objective, it must say the same."""
    try:
        documents = [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise SloError("OP001", f"{path} cannot be read: {error}", "give an OpenSLO file") from None
    _refuse("OP001", f"{path} is not OpenSLO v1 as far as it is known here", _misfits(documents))
    services, targets, slos = ([d for d in documents if d["kind"] == kind] for kind in KINDS)
    addresses = {each["metadata"]["name"]: each["metadata"]["annotations"]["url"] for each in targets}
    promise = Promise(services[0]["metadata"], addresses, [_objective(each) for each in slos], metrics.keys())
    _refuse("OP002", f"{path} asks for what cannot be", _faults(promise, metrics, promised))
    return promise


def promised(contract: Contract) -> Promised:
    """Its slaProperties as they stand there."""
    return {each["property"]: (each["value"], each.get("unit")) for each in contract.sla_properties}


def _refuse(error_id: str, what: str, found: Iterator[str]) -> None:
    if lines := list(found):
        raise SloError(error_id, "\n  ".join([what, *lines]), "mend it, then `slo render`")


def _misfits(documents: list[Any]) -> Iterator[str]:
    names: list[str] = []
    for number, document in enumerate(documents, start=1):
        kind = document.get("kind") if isinstance(document, dict) else None
        if kind not in KINDS:
            yield f"document {number}: its kind is none of {', '.join(KINDS)}"
            continue
        for error in Draft202012Validator(_forms()[kind]).iter_errors(document):
            place, told = ".".join(map(str, error.absolute_path)), error.message
            if error.validator == "additionalProperties":
                known = error.schema["properties"]
                told = "; ".join(
                    f"no key {k!r}, {nearest(k, known)}" for k in error.instance if k not in known
                )
            yield f"document {number}, {kind} {place}: {told}"
        metadata = document.get("metadata")
        names.append(f"{kind} {metadata.get('name')}" if isinstance(metadata, dict) else kind)
    yield from (f"{name}: it is there twice" for name in sorted({n for n in names if names.count(n) > 1}))
    needed = [f"AlertNotificationTarget {name}" for name in ("page", "ticket", "heartbeat", "unrouted")]
    yield from (f"there is no {name}" for name in needed if name not in names)
    if sum(name.startswith("Service") for name in names) != 1:
        yield "it must hold one Service"
    if not any(name.startswith("SLO") for name in names):
        yield "it must hold an SLO"


@cache
def _forms() -> Any:
    return yaml.safe_load(files(__package__).joinpath("ops/openslo.yaml").read_text(encoding="utf-8"))


def _objective(document: Any) -> Objective:
    metadata, spec = document["metadata"], document["spec"]
    (goal,), (window,), indicator = spec["objectives"], spec["timeWindow"], spec["indicator"]["spec"]
    metrics = indicator.get("ratioMetric") or {"query": indicator["thresholdMetric"]}
    return Objective(
        metadata["name"],
        metadata["displayName"],
        goal["target"],
        int(window["duration"].removesuffix("d")),
        metadata["annotations"],
        limit=goal.get("value", 0),
        **{name: each["metricSource"]["spec"]["query"] for name, each in metrics.items() if each is not True},
    )


def _misfit(label: str, metric: str, how: str, value: str, possible: Collection[str]) -> str:
    """What is wrong with a matcher; empty is nothing. A value that is excluded has to exist as well: else
    it is misspelt."""
    try:
        fits = any(re.fullmatch(value, each) if "~" in how else value == each for each in possible)
    except re.error as error:
        return f"{label} of {metric}: {value!r} is no pattern: {error}"
    return "" if fits else f"no {label} of {metric} is {value!r}, {nearest(value, possible)}"


def _faults(promise: Promise, metrics: Metrics, promised: Promised) -> Iterator[str]:
    yield from _impossible("alive", promise.alive, promise, {"up": {}, **metrics})
    for o in promise.objectives:
        for speed in o.burns():
            if (needed := BURNS[speed][0].factor(o.days) * o.budget) >= 1:
                text = f"{o.name}: with target {o.target} a {speed} burn is never told: {needed:.0%} of all"
                yield f"{text} events would have to be bad; raise it or drop tell-{speed}"
        yield from _impossible(o.name, " ".join([o.total, o.bad, o.good, o.query]), promise, metrics)
        if o.name in promised:
            yield from _broken(o, *promised[o.name])


def _broken(o: Objective, value: Any, unit: Any) -> Iterator[str]:
    """How an objective differs from what the contract promises."""
    if unit not in UNITS or not isinstance(value, int | float):
        known = ", ".join(UNITS)
        yield f"{o.name}: the contract must promise a number with a unit: {known}; it has {value} {unit}"
        return
    said, given = o.limit if o.query else o.target, value * UNITS[unit]
    if abs(given - said) > 1e-9:
        yield f"{o.name}: {said:g}, but the contract promises {given:g}"


def _impossible(where: str, query: str, promise: Promise, metrics: Metrics) -> Iterator[str]:
    """Of the selectors in a query: what nothing exports."""
    for name, matchers in SELECTOR.findall(query):
        if name not in metrics:
            yield f"{where}: nothing exports {name!r}, {nearest(name, metrics)}"
            continue
        for label, how, value in MATCHER.findall(matchers):
            labels = {"instance": (), "job": [promise.service["name"]], **metrics[name]}
            possible = labels.get(label, ())
            if label not in labels:
                yield f"{where}: {name} has no label {label!r}; there is: {', '.join(sorted(labels))}"
            elif possible and (wrong := _misfit(label, name, how, value, possible)):
                yield f"{where}: {wrong}"

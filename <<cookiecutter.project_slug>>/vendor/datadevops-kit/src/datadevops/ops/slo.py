"""Read the objectives of a product from ops/slo.yaml.

In:       ops/slo.yaml; the metrics that the product exports, with their labels; the service levels of the
          contracts of what is published, and of the sources.
Out:      `Objectives`. Every alert that they ask for can be rendered, can fire and can be tested.
Failure:  SloError OP001 (the form is wrong: see `openslo`), OP002 (a condition of an alert that can never
          hold, a series that nothing exports, a target that differs from the contract's).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import SloError, nearest
from . import openslo, service_levels
from .objectives import BURNS, MATCHER, SELECTOR, Metrics, Objective, Objectives
from .service_levels import Level, ServiceLevels

OF_NEWEST = ("product_run_newest_timestamp_seconds", "product_data_newest_timestamp_seconds")
NO_TIME = (
    "as no row that is published has a time; remove the objective and its runbook, or limit the age of a"
    " source by product_run_source_newest_timestamp_seconds"
)


def load(
    path: Path,
    metrics: Metrics,
    levels: ServiceLevels,
    ages: Mapping[str, Level] | None = None,
) -> Objectives:
    """What the file says. An objective that has the name of a service level must have its value too, and one
    for the age of a source that of `freshness` in the contract of that source: `ages`, by source."""
    documents = openslo.documents(path)
    receivers = {
        each["metadata"]["name"]: each["metadata"]["annotations"]["url"]
        for each in documents["AlertNotificationTarget"]
    }
    slos = [_objective(each) for each in documents["SLO"]]
    objectives = Objectives(documents["Service"][0]["metadata"], receivers, slos, metrics.keys())
    if errors := list(_errors(objectives, metrics, levels, ages or {})):
        text = "\n  ".join([f"{path} has objectives that cannot be measured or kept", *errors])
        raise SloError("OP002", text, "correct each place that is named, then run `COMMAND slo render`")
    return objectives


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


def _errors(
    objectives: Objectives,
    metrics: Metrics,
    levels: ServiceLevels,
    ages: Mapping[str, Level],
) -> Iterator[str]:
    service, names = objectives.service["name"], {o.name for o in objectives.slos}
    yield from _inhibition_errors({o.name: o for o in objectives.slos})
    yield from _selector_errors("alive", objectives.alive, service, {"up": {}, **metrics})
    for o in objectives.slos:
        for speed in o.burn_alerts():
            burn = BURNS[speed][0]
            if (needed := burn.factor(o.days) * o.budget) >= 1:
                condition = f"the condition of alert-{speed}-burn over {burn.long}"
                text = f"{o.name}: with target {o.target} {condition} can never hold: {needed:.0%} of all"
                yield f"{text} events would have to be bad. Raise the target or remove the alert"
        yield from _selector_errors(o.name, " ".join([o.total, o.bad, o.good, o.query]), service, metrics)
        for level in levels.get(o.name, ()):
            if service_levels.own_name(o.name, level.table) not in names:  # else it has one of its own
                yield from service_levels.faults(o, level)
        if o.source in ages:
            yield from service_levels.faults(o, ages[o.source])


def _inhibition_errors(slos: Mapping[str, Objective]) -> Iterator[str]:
    """An objective that is inhibited by what cannot inhibit it: nothing, itself, or only by a slow burn."""
    for o in slos.values():
        above, others = [o.name], [name for name in slos if name != o.name]
        while name := slos[above[-1]].inhibited_by:
            if name in above or name not in slos:
                break
            above.append(name)
        if name in above:
            yield f"{o.name}: inhibited-by leads from {' to '.join([*above, name])}: no alert would be left"
        elif o.inhibited_by and o.inhibited_by not in slos:
            yield f"{o.name}: inhibited-by: no objective is {o.inhibited_by!r}, {nearest(name, others)}"
        elif o.inhibited_by and not slos[o.inhibited_by].has_urgent_alert:
            yield f"{o.name}: inhibited-by: {o.inhibited_by} has only alert-slow-burn, which inhibits nothing"


def _selector_errors(where: str, query: str, service: str, metrics: Metrics) -> Iterator[str]:
    """Series and labels in the query that nothing exports."""
    for name, matchers in SELECTOR.findall(query):
        if name not in metrics:
            instead = NO_TIME if name in OF_NEWEST else nearest(name, metrics)
            yield f"{where}: nothing exports {name!r}, {instead}"
            continue
        labels: dict[str, Collection[str]] = {"instance": (), "job": [service], **metrics[name]}
        for label, operator, value in MATCHER.findall(matchers):
            possible = labels.get(label, ())
            if label not in labels:
                yield f"{where}: {name} has no label {label!r}, {nearest(label, labels)}"
            elif possible and (error := _matcher_error(label, name, operator, value, possible)):
                yield f"{where}: {error}"


def _matcher_error(label: str, metric: str, operator: str, value: str, possible: Collection[str]) -> str:
    """Empty if a possible value matches. An excluded value has to exist as well, else it is misspelt."""
    try:
        fits = any(re.fullmatch(value, each) if "~" in operator else value == each for each in possible)
    except re.error as error:
        return f"{label} of {metric}: invalid pattern {value!r}: {error}"
    return "" if fits else f"no {label} of {metric} is {value!r}, {nearest(value, possible)}"

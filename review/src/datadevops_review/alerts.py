"""Objectives, alerts and their routes, as Prometheus, Alertmanager and OpenSLO write them.

In:       YAML files of a repository.
Out:      objectives with their targets; alerts with labels and annotations; routes.
Failure:  none: what is not written as expected counts as absent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .contracts import mapping, mappings
from .repository import Repository

MATCHER = re.compile(r"^\s*\"?(\w+)\"?\s*(=~|!~|!=|=)\s*\"?(.*?)\"?\s*$")


@dataclass(frozen=True)
class Alert:
    path: str
    name: str
    labels: dict[str, str]
    annotations: dict[str, str]


@lru_cache(maxsize=4)
def alerts(repository: Repository) -> tuple[Alert, ...]:
    """The alerts of all rule files: `groups`, at the top or in a PrometheusRule."""
    found = []
    for path in repository.yaml_files(r"^\s*-?\s*alert:"):
        for document in mappings(repository.documents(path)):
            for group in mappings(mapping(document.get("spec", document)).get("groups")):
                for rule in mappings(group.get("rules")):
                    if rule.get("alert"):
                        labels, notes = (mapping(rule.get(each)) for each in ("labels", "annotations"))
                        found.append(Alert(path, str(rule["alert"]), _texts(labels), _texts(notes)))
    return tuple(found)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}


def tested(repository: Repository) -> set[str]:
    """The alerts that promtool's tests see firing."""
    return {
        str(case.get("alertname"))
        for path in repository.yaml_files(r"^\s*-?\s*alert_rule_test:")
        for document in mappings(repository.documents(path))
        for test in mappings(document.get("tests"))
        for case in mappings(test.get("alert_rule_test"))
        if case.get("exp_alerts")
    }


def objectives(repository: Repository) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each objective: file, name, and its mapping. OpenSLO's; of Sloth and Pyrra the target as a ratio."""
    for path in repository.yaml_files(r"^(apiVersion|version|slos):"):
        for document in mappings(repository.documents(path)):
            spec, name = mapping(document.get("spec")), str(mapping(document.get("metadata")).get("name"))
            if document.get("kind") == "SLO":
                for each in mappings(spec.get("objectives")) or [{}]:
                    yield path, name, each | {"indicator": spec.get("indicator") or spec.get("indicatorRef")}
            if document.get("kind") == "ServiceLevelObjective":  # Pyrra
                yield path, name, {"target": _ratio(spec.get("target")), "indicator": spec.get("indicator")}
            for each in mappings(document.get("slos") or spec.get("slos")):  # Sloth
                target = {"target": _ratio(each.get("objective")), "indicator": each.get("sli")}
                yield path, str(each.get("name")), target


def service_labels(repository: Repository) -> Iterator[dict[str, str]]:
    """The labels of each service that objectives are about, such as team and tier."""
    for path in repository.yaml_files(r"^apiVersion:\s*openslo/"):
        for document in mappings(repository.documents(path)):
            if document.get("kind") == "Service":
                yield _texts(mapping(mapping(document.get("metadata")).get("labels"))) | {"path": path}


def _ratio(percent: Any) -> float | None:
    try:
        return float(percent) / 100
    except (TypeError, ValueError):
        return None


def alertmanagers(repository: Repository) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in repository.yaml_files(r"^receivers:"):
        for document in mappings(repository.documents(path)):
            if isinstance(document.get("route"), dict):
                yield path, document


def receiver(route: dict[str, Any], labels: dict[str, str], top: bool = True) -> str | None:
    """The receiver of an alert with these labels; None where only the top route takes it."""
    for each in mappings(route.get("routes")):
        if _matches(each, labels):
            return receiver(each, labels, top=False) or str(each.get("receiver", route.get("receiver")))
    return None if top else str(route["receiver"]) if route.get("receiver") else None


def _matches(route: dict[str, Any], labels: dict[str, str]) -> bool:
    texts = [str(each) for each in route.get("matchers") or []]
    texts += [f"{name}={value}" for name, value in mapping(route.get("match")).items()]
    texts += [f"{name}=~{value}" for name, value in mapping(route.get("match_re")).items()]
    return all(_holds(text, labels) for text in texts)


def _holds(text: str, labels: dict[str, str]) -> bool:
    parts = MATCHER.match(text)
    if not parts:
        return False
    name, operator, value = parts.groups()
    found = labels.get(name, "")
    try:
        same = found == value if "~" not in operator else re.fullmatch(value, found) is not None
    except re.error:
        return False
    return same != operator.startswith("!")

"""Declarations of metrics, and the series that they produce.

In:       declarations by name.
Out:      the series with their labels, to check that alerts use series that exist.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from prometheus_client import Histogram


class Metric(NamedTuple):
    kind: type[Any]
    about: str
    # label -> its values that exist from the start: a rate needs the zero before the first failure
    labels: Mapping[str, Sequence[str]] = {}


def series(metrics: Mapping[str, Metric], **possible: Sequence[str]) -> dict[str, dict[str, Sequence[str]]]:
    """Each series with its labels and their values; an empty list stands for any value.

    `possible`: all values of a label, if more can occur than exist from the start.
    """
    found: dict[str, dict[str, Sequence[str]]] = {}
    for name, metric in metrics.items():
        for part in ("_bucket", "_count", "_sum") if metric.kind is Histogram else ("",):
            labels = {**metric.labels} | ({"le": ()} if part == "_bucket" else {})
            found[name + part] = {label: possible.get(label, values) for label, values in labels.items()}
    return found

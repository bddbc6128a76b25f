"""The page about a run: data, model, gate, drift, owner.

In:       a summary (plain JSON), the newest rows' outcomes and forecasts.
Out:      report.html, self-contained: no script, font or image is loaded. Its pictures depend on what is
          predicted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_curve

from ..reports import flow
from ..reports.page import rendered
from . import kinds
from .losses import Floats, Outcomes

POINTS = 120  # per curve; more are not visible on the page
BINS = 10

Point = tuple[float, float]
Forecasts = Mapping[str, Floats]


@dataclass(frozen=True)
class Picture:
    """A chart: a line for each forecast, its points from 0 to 1 on both axes."""

    key: str
    heading: str
    across: str
    up: str
    lines: dict[str, list[Point]]
    scale: tuple[float, float] = (0.0, 1.0)  # what 0 and 1 stand for on the axes
    stepped: bool = False  # whether the area below counts; otherwise the points are marked
    diagonal: bool = False  # whether a perfect forecast lies on it


def page(summary: Mapping[str, Any], outcome: Outcomes, forecasts: Forecasts) -> str:
    """The page; `forecasts`: the candidate's first."""
    drawn = pictures(outcome, forecasts, summary["model"]["output"])
    return rendered("report.html", **summary, pictures=drawn, picture_of=flow.of(summary["tables"]))


def pictures(outcome: Outcomes, forecasts: Forecasts, output: kinds.Output) -> list[Picture]:
    """The charts for what is predicted."""
    draw = {"binary": _binary, "classes": _classes, "regression": _regression}[output["kind"]]
    return draw(outcome, forecasts, output)


def _binary(outcome: Outcomes, forecasts: Forecasts, output: kinds.Output) -> list[Picture]:
    curves = {name: _precision_recall(outcome, p) for name, p in forecasts.items()} if outcome.any() else {}
    lines = {name: _means(p, outcome, _tenths(p)) for name, p in forecasts.items()}
    up = "precision: share of alarms that are right"
    return [
        Picture(
            "precision_recall",
            "Precision and recall",
            "recall: share of events found",
            up,
            curves,
            stepped=True,
        ),
        Picture(
            "calibration", "Calibration", "forecast probability", "observed frequency", lines, diagonal=True
        ),
    ]


def _classes(outcome: Outcomes, forecasts: Forecasts, output: kinds.Output) -> list[Picture]:
    """Of each forecast: how often its most probable class is right; how often a class is found."""
    lines = {}
    for name, forecast in forecasts.items():
        top = forecast.max(axis=1)
        lines[name] = _means(top, forecast.argmax(axis=1) == outcome, _tenths(top))
    recalls = {
        name: [
            (
                place / max(forecast.shape[1] - 1, 1),
                float((forecast.argmax(axis=1) == place)[outcome == place].mean()),
            )
            for place in range(forecast.shape[1])
            if (outcome == place).any()
        ]
        for name, forecast in forecasts.items()
    }
    across = "class, in the order of labels.yaml"
    return [
        Picture("recall", "Recall of each class", across, "share of its rows that are found", recalls),
        Picture(
            "calibration",
            "Calibration",
            "probability of the class",
            "share that is right",
            lines,
            diagonal=True,
        ),
    ]


def _regression(outcome: Outcomes, forecasts: Forecasts, output: kinds.Output) -> list[Picture]:
    """Mean outcome by tenths of the forecast; coverage of the intervals by tenths of the candidate."""
    found = {name: _means(value, outcome, _deciles(value)) for name, value in forecasts.items()}
    ends = np.array([point for points in found.values() for point in points])  # (m, 2)
    low, high = float(ends.min()), float(ends.max())
    span = (high - low) or 1.0
    lines = {
        name: [((x - low) / span, (y - low) / span) for x, y in points] for name, points in found.items()
    }
    value = forecasts["candidate"]
    tenth = _deciles(value)
    inside = _means(tenth / max(int(tenth.max()), 1), kinds.covered(outcome, value, output), tenth)
    unit = f", {output['unit']}" if output["unit"] else ""
    share = "share of the outcomes in their 90 % interval"
    return [
        Picture(
            "calibration", "Forecast and outcome", f"mean forecast{unit}", f"mean outcome{unit}", lines,
            scale=(low, high), diagonal=True,
        ),
        Picture("coverage", "Coverage", "from low to high forecasts", share, {"candidate": inside}),
    ]  # fmt: skip


def _precision_recall(outcome: Outcomes, p: Floats) -> list[Point]:
    """(recall, precision), from the highest threshold to the lowest."""
    precision, recall, _ = precision_recall_curve(outcome, p)
    precision, recall = precision[-2::-1], recall[-2::-1]
    steps = np.unique(np.searchsorted(recall, np.linspace(0, 1, POINTS)))
    return [(float(recall[i]), float(precision[i])) for i in steps]


def _tenths(probability: Floats) -> npt.NDArray[np.int_]:
    return np.asarray(np.minimum(probability * BINS, BINS - 1), dtype=int)


def _deciles(value: Floats) -> npt.NDArray[np.int_]:
    edges = np.unique(np.quantile(value, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.asarray(np.searchsorted(edges, value), dtype=int)


def _means(forecast: Floats, outcome: Outcomes, bins: npt.NDArray[np.int_]) -> list[Point]:
    """(mean forecast, mean outcome) in each bin that has rows."""
    return [(float(forecast[bins == b].mean()), float(outcome[bins == b].mean())) for b in np.unique(bins)]

"""The page about a run: data, model, gate, drift, owner.

In:       a summary (plain JSON) and the newest rows with their outcomes and forecasts.
Out:      report.html, self-contained: no script, font or image is loaded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..reports.page import rendered
from . import gate
from .gate import Floats, Truths

POINTS = 120  # per curve; more are not visible on the page

Point = tuple[float, float]


def page(summary: Mapping[str, Any], holdout: Mapping[str, Any], forecasts: Sequence[str]) -> str:
    """The page; `forecasts`: the columns of `holdout` to draw, the candidate first."""
    outcome = holdout["outcome"].astype(bool)
    lines = {
        "precision_recall": {name: _precision_recall(outcome, holdout[name]) for name in forecasts},
        "calibration": {name: _calibration(outcome, holdout[name]) for name in forecasts},
    }
    return rendered("report.html", **summary, lines=lines)


def _precision_recall(outcome: Truths, p: Floats) -> list[Point]:
    """(recall, precision), from the highest threshold to the lowest."""
    recall, precision = (curve[0] for curve in gate.curve(outcome, p, np.ones((1, len(p)))))
    steps = np.unique(np.searchsorted(recall, np.linspace(0, 1, POINTS)))
    return [(float(recall[i]), float(precision[i])) for i in steps]


def _calibration(outcome: Truths, p: Floats) -> list[Point]:
    """(mean forecast, observed frequency) in each of ten equal bins that has rows."""
    bins = np.minimum((p * 10).astype(int), 9)
    return [(float(p[bins == b].mean()), float(outcome[bins == b].mean())) for b in np.unique(bins)]

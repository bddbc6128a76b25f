# The template's file: edits here meet template updates (copier update merges them).
"""One page a run: what was read and refused, how good the model is, what has moved, who owns it.

In:       a summary (plain JSON) and the newest rows with their outcomes and forecasts.
Out:      report.html, self-contained: no script, no font, no image from elsewhere.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, StrictUndefined
from sklearn.metrics import precision_recall_curve

from .engine import Columns

TEMPLATE = Path(__file__).with_name("report.html")
POINTS = 120  # of a curve; more cannot be told apart on the page
BINS = 10

Point = tuple[float, float]


def page(summary: Mapping[str, Any], holdout: Columns, forecasts: Sequence[str]) -> str:
    """The page; `forecasts` names the columns of `holdout` to draw, the candidate first."""
    outcome = holdout["outcome"].astype(bool)
    lines = {
        "precision_recall": {n: _precision_recall(outcome, holdout[n]) for n in forecasts},
        "calibration": {n: _calibration(outcome, holdout[n]) for n in forecasts},
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        **summary, lines=lines
    )


def _precision_recall(outcome: npt.NDArray[np.bool_], p: npt.NDArray[np.float64]) -> list[Point]:
    """(recall, precision), from recall 0 to 1."""
    precision, recall, _ = precision_recall_curve(outcome, p)
    steps = np.unique(np.linspace(0, len(recall) - 1, POINTS).astype(int))[::-1]
    return [(float(recall[i]), float(precision[i])) for i in steps]


def _calibration(outcome: npt.NDArray[np.bool_], p: npt.NDArray[np.float64]) -> list[Point]:
    """(mean forecast, observed frequency) in each of ten equal bins that has rows."""
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    return [(float(p[bins == b].mean()), float(outcome[bins == b].mean())) for b in np.unique(bins)]

# The template's file: edits here meet template updates (copier update merges them).
"""What a run did, for a terminal and as one page: data, model, gate, drift, owner.

In:       a summary (plain JSON) and the newest rows with their outcomes and forecasts.
Out:      text; report.html, self-contained: no script, no font, no image from elsewhere.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, FileSystemLoader, StrictUndefined

POINTS = 120  # of a curve; more cannot be told apart on the page

Point = tuple[float, float]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


def text(summary: Mapping[str, Any]) -> str:
    """A run in a few lines."""
    return _rendered("run.txt", **summary)


def page(summary: Mapping[str, Any], holdout: Mapping[str, Any], forecasts: Sequence[str]) -> str:
    """The page; `forecasts` names the columns of `holdout` to draw, the candidate first."""
    outcome = holdout["outcome"].astype(bool)
    lines = {
        "precision_recall": {name: _precision_recall(outcome, holdout[name]) for name in forecasts},
        "calibration": {name: _calibration(outcome, holdout[name]) for name in forecasts},
    }
    return _rendered("report.html", **summary, lines=lines)


def _rendered(template: str, **context: Any) -> str:
    here = FileSystemLoader(Path(__file__).parent)
    html = template.endswith(".html")
    options: Any = {"autoescape": html, "undefined": StrictUndefined, "trim_blocks": True}
    return Environment(loader=here, **options).get_template(template).render(context)  # noqa: S701


def _precision_recall(outcome: Truths, p: Floats) -> list[Point]:
    """(recall, precision), from the highest threshold to the lowest."""
    order = np.argsort(-p, kind="stable")
    last = np.append(np.diff(p[order]) != 0, True)  # rows of one probability are decided together
    hits = np.cumsum(outcome[order])[last]
    recall, precision = hits / hits[-1], hits / (np.flatnonzero(last) + 1)
    steps = np.unique(np.searchsorted(recall, np.linspace(0, 1, POINTS)))
    return [(float(recall[i]), float(precision[i])) for i in steps]


def _calibration(outcome: Truths, p: Floats) -> list[Point]:
    """(mean forecast, observed frequency) in each of ten equal bins that has rows."""
    bins = np.minimum((p * 10).astype(int), 9)
    return [(float(p[bins == b].mean()), float(outcome[bins == b].mean())) for b in np.unique(bins)]

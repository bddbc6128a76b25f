"""The model. Yours: change the estimator, the naive baselines, the limits.

In:       features as a matrix (n, k) of float32, null as NaN; an enum column holds the place of its
          value in the contract.
Out:      a fitted scikit-learn classifier; naive forecasts that it must beat; the limits of the gate.
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
from datadevops.models import Columns, Floats, Limits, Truths, filled
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

GROUP = "station"  # a column of the key: each of its values is evaluated separately too
HORIZON = timedelta(hours=1)  # how far ahead of its row a label looks
LIMITS = Limits(champion_loss=0.02, group_gap=0.1, calibration_error=0.02)


def fit(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> ClassifierMixin:
    """A classifier with `predict_proba`, fitted to y (n,) of 0 and 1; any that skl2onnx converts."""
    model = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=150,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return model.fit(x, y)


def persistence(past: Columns, outcomes: Truths, rows: Columns) -> Floats:
    """As it is now, so it will be: probability (n,) of `rows`, 0 or 1."""
    return (filled(rows["rain_mm"]) > 0).astype(np.float64)


def climatology(past: Columns, outcomes: Truths, rows: Columns) -> Floats:
    """How often it rained at that hour of the day in the past: probability (n,) of `rows`."""
    before, hour = (c["observed_at"].astype("datetime64[h]").astype(int) % 24 for c in (past, rows))
    wet, hours = np.bincount(before, outcomes, 24), np.bincount(before, minlength=24)
    return np.asarray(wet[hour] / np.maximum(hours[hour], 1), dtype=np.float64)


BASELINES = (persistence, climatology)  # the model must beat each of them

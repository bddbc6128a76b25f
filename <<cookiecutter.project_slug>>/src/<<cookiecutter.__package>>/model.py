"""The model. Yours: change the estimator, the naive baseline, the limits.

In:       features as a matrix (n, k) of float32, null as NaN; an enum column holds the place of its
          value in the contract.
Out:      a fitted scikit-learn classifier, its threshold, its figures.
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    precision_recall_curve,
    recall_score,
    roc_auc_score,
)

from .kit.columns import Columns, filled
from .kit.gate import Limits

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

HORIZON = timedelta(hours=1)  # how far ahead a label looks
NEWEST = 0.25  # share of the time that the model is judged on and never learns from
VALIDATION = 1 / 6  # share of the time before it, on which the threshold is chosen
GROUP = "station"  # the model must serve each of these
LIMITS = Limits(champion_loss=0.02, group_gap=0.1, calibration_error=0.02)


def fit(x: npt.NDArray[np.float32], y: Truths) -> ClassifierMixin:
    """A classifier with `predict_proba`, fitted; any estimator or pipeline that skl2onnx knows."""
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


def persistence(features: Columns) -> Floats:
    """The naive baseline: as it is now, so it will be. Probability (n,), 0 or 1."""
    return (filled(features["rain_mm"]) > 0).astype(np.float64)


def climatology(features: Columns, y: Truths, rows: Columns) -> Floats:
    """How often it rained at that hour of the day in the past. Probability (n,) for `rows`."""
    past, hour = (c["observed_at"].astype("datetime64[h]").astype(int) % 24 for c in (features, rows))
    wet, hours = np.bincount(past, y, 24), np.bincount(past, minlength=24)
    return np.asarray(wet[hour] / np.maximum(hours[hour], 1), dtype=np.float64)


def choose_threshold(y: Truths, p: Floats) -> float:
    """The probability with the highest F1 (harmonic mean of precision and recall)."""
    precision, recall, cuts = precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(cuts[np.argmax(f1[:-1])])


def figures(y: Truths, p: Floats, threshold: float) -> dict[str, float]:
    """What the report shows of a forecast `p` (n,) for outcomes `y` (n,)."""
    decided = p >= threshold
    return {
        "average_precision": float(average_precision_score(y, p)),
        "roc_auc": float(roc_auc_score(y, p)),
        "brier": float(brier_score_loss(y, p)),
        "recall": float(recall_score(y, decided)),
        "precision": float(y[decided].mean()) if decided.any() else 0.0,
    }

"""Metrics of a yes-or-no forecast, and the threshold above which the decision is yes.

In:       outcomes (n,), probabilities (n,).
Out:      the metrics in the report; a threshold.
"""

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    precision_recall_curve,
    recall_score,
    roc_auc_score,
)

from .gate import Floats, Truths


def choose_threshold(y: Truths, p: Floats) -> float:
    """The probability with the highest F1 (harmonic mean of precision and recall)."""
    precision, recall, cuts = precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(cuts[np.argmax(f1[:-1])])


def figures(y: Truths, p: Floats, threshold: float) -> dict[str, float]:
    """The metrics in the report, for a forecast `p` (n,) of outcomes `y` (n,); each is 0 to 1."""
    decided = p >= threshold
    return {
        "average_precision": float(average_precision_score(y, p)),
        "roc_auc": float(roc_auc_score(y, p)),
        "brier": float(brier_score_loss(y, p)),
        "recall": float(recall_score(y, decided)),
        "precision": float(y[decided].mean()) if decided.any() else 0.0,
    }

"""Figures about a forecast, for each kind of target, and the threshold above which a decision is yes.

In:       outcomes (n,), a forecast of its kind.
Out:      the figures in the report, the one that people quote first; a threshold.

None of them decides in the gate: average precision depends on how often an outcome occurs, F1 and
macro-F1 on the threshold. The threshold has the highest F1 on the validation rows. It is no score of a
row: the model is fitted again afterwards, which moves each score a little.
"""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    precision_recall_curve,
    recall_score,
    roc_auc_score,
)

from .losses import Floats, Outcomes, brier, log_loss
from .split import Truths

HALF = 0.5  # the threshold of a baseline


def choose_threshold(y: Truths, p: Floats) -> float:
    """The middle between the probability with the highest F1 (harmonic mean of precision and recall) and the
    next lower one, or 0.

    >>> round(choose_threshold(np.array([False, True, True]), np.array([0.1, 0.7, 0.9])), 6)
    0.4
    """
    precision, recall, cuts = precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(np.argmax(f1[:-1]))
    return float((np.append(0.0, cuts)[best] + cuts[best]) / 2)


def figures(kind: str, y: Outcomes, forecast: Floats, threshold: float = HALF) -> dict[str, float]:
    """The figures of a forecast of outcomes `y`; empty if these rows allow none: of one outcome alone there
    is no ROC AUC."""
    if kind == "binary":
        return _binary(y, forecast, threshold) if 0 < y.sum() < len(y) else {}
    measures = _OF_CLASSES if kind == "classes" else _OF_NUMBERS
    return {name: float(measure(y, forecast)) for name, measure in measures.items()} if len(y) else {}


def _binary(y: Truths, p: Floats, threshold: float) -> dict[str, float]:
    decided = p >= threshold
    return {
        "average_precision": float(average_precision_score(y, p)),
        "brier": float(brier(y, p).mean()),
        "recall": float(recall_score(y, decided)),
        "precision": float(y[decided].mean()) if decided.any() else 0.0,
        "roc_auc": float(roc_auc_score(y, p)),
    }


_Measure = Callable[[Outcomes, Floats], float]
_OF_CLASSES: dict[str, _Measure] = {
    "log_loss": lambda y, p: float(log_loss(y, p).mean()),
    "accuracy": lambda y, p: float((p.argmax(axis=1) == y).mean()),
    "macro_f1": lambda y, p: float(f1_score(y, p.argmax(axis=1), average="macro", zero_division=0)),
}
_OF_NUMBERS: dict[str, _Measure] = {
    "mean_absolute_error": lambda y, value: float(np.abs(value - y).mean()),
    "root_mean_squared_error": lambda y, value: float(np.sqrt(((value - y) ** 2).mean())),
    "bias": lambda y, value: float((value - y).mean()),
}

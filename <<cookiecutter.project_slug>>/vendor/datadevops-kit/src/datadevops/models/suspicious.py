"""Features that alone almost predict the outcome: a person should check whether one is a leak.

In:       rows as a matrix, the outcomes.
Out:      the suspicious features, each with its ROC AUC.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

SUSPICIOUS_AUC = 0.95  # of one feature, by a tree of eight leaves; honest features stay far below


def find(x: npt.NDArray[np.float32], names: Sequence[str], y: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Features that alone rank the outcome with an area under the ROC curve of 0.95 or more."""
    x = np.clip(x, -1e30, 1e30)  # trees accept no infinite values, and too large ones are infinite in float32
    found = {}
    for place, name in enumerate(names):
        column = x[:, [place]]  # (n, 1)
        tree = DecisionTreeClassifier(max_leaf_nodes=8, random_state=0).fit(column, y)
        auc = float(roc_auc_score(y, tree.predict_proba(column)[:, 1]))
        if auc >= SUSPICIOUS_AUC:
            found[name] = auc
    return found

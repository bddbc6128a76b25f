"""Features that alone almost predict the outcome: a person should check whether one is a leak.

In:       rows as a matrix, the outcomes, the naive loss that each feature is compared with.
Out:      the suspicious features, each with its skill.

A small tree on one column learns from the past rows and is judged on the validation rows. On nine real data
sets no honest column reached 0.89; of planted ids and noisy copies of the outcome 16 of 18 are above 0.9.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ..contract.target import Target
from .losses import Floats, Loss, Outcomes
from .split import Slices

PRINTED = 0.7  # skill of one column over the best baseline
MOST_ROWS = 20_000  # that a tree learns from


def find(
    x: npt.NDArray[np.float32],
    names: Sequence[str],
    y: Outcomes,
    slices: Slices,
    naive: Floats,
    target: Target,
    loss: Loss,
) -> dict[str, float]:
    """Column -> its skill, of those that alone are far better than the best baseline, whose losses on the
    validation rows are `naive`."""
    x = np.clip(x, -1e30, 1e30)  # trees accept no infinite values, and too large ones are infinite in float32
    rows = np.flatnonzero(slices.past)
    rows = rows[:: len(rows) // MOST_ROWS + 1]
    least = max(float(naive.mean()), 1e-300)
    found = {}
    for place, name in enumerate(names):
        column = x[:, [place]]  # (n, 1)
        forecast = _forecast(target, column[rows], y[rows], column[slices.validation])
        skill = 1 - float(loss.of_rows(y[slices.validation], forecast).mean()) / least
        if skill >= PRINTED:
            found[name] = skill
    return found


def _forecast(
    target: Target, x: npt.NDArray[np.float32], y: Outcomes, asked: npt.NDArray[np.float32]
) -> Floats:
    options: dict[str, Any] = {"min_samples_leaf": 5, "random_state": 0}
    if target.kind == "regression":
        value: Floats = DecisionTreeRegressor(max_leaf_nodes=32, **options).fit(x, y).predict(asked)
        return value
    count = max(len(target.classes), 2)
    tree = DecisionTreeClassifier(max_leaf_nodes=4 * count, **options).fit(x, y.astype(np.int64))
    every = np.zeros((len(asked), count))
    every[:, tree.classes_] = tree.predict_proba(asked)
    return every if target.classes else every[:, 1]

"""Will people queue in the next hour? Small, so that a run of the tests takes a second."""

from datetime import timedelta

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from datadevops.models.gate import Limits

HORIZON = timedelta(hours=1)
GROUP = "shop"
LIMITS = Limits(champion_loss=0.05, group_gap=0.2, calibration_error=0.1)


def fit(x, y):
    trees = HistGradientBoostingClassifier(
        max_iter=30, max_leaf_nodes=6, early_stopping=False, random_state=0
    )
    return trees.fit(x, y)


def persistence(past, outcomes, rows):
    """The next hour is like this one."""
    return np.nan_to_num(rows["queue_minutes"] > 0).astype(float)


def climatology(past, outcomes, rows):
    """How often people queued at that hour of the day."""
    then, now = (c["opened_at"].astype("datetime64[h]").astype(int) % 24 for c in (past, rows))
    return np.bincount(then, outcomes, 24)[now] / np.maximum(np.bincount(then, minlength=24)[now], 1)


BASELINES = (persistence, climatology)

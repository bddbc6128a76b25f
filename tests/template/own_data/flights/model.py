"""Will this flight arrive more than 15 minutes late?"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
from datadevops.models import Columns, Floats, Limits, Outcomes, usual
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

HORIZON = timedelta(hours=24)  # the longest flights with the longest delays have landed by then
LIMITS = Limits()


def fit(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> ClassifierMixin:
    """A classifier of y (n,), 0 and 1."""
    return HistGradientBoostingClassifier(learning_rate=0.05, max_iter=100, random_state=0).fit(x, y)


def by_carrier(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """How often flights of the carrier were late."""
    return usual(outcomes, past["carrier"], rows["carrier"])


def by_hour(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """How often flights of the hour were late."""
    return usual(outcomes, past["hour"], rows["hour"])


BASELINES = (by_carrier, by_hour)

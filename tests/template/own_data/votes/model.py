"""For whom does this person vote?"""

import numpy as np
import numpy.typing as npt
from datadevops.models import Columns, Floats, Limits, Outcomes, usual
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression

GROUP = "gender"
LIMITS = Limits()


def fit(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> ClassifierMixin:
    """A classifier of y (n,), the places of the classes."""
    return LogisticRegression(max_iter=1000).fit(x, y)


def by_party(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """How Democrats, and how others, voted."""
    return usual(outcomes, past["dem"], rows["dem"])


BASELINES = (by_party,)

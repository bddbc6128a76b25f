"""How many flights leave this airport in the next hour?"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
from datadevops.models import Columns, Floats, Limits, Outcomes, usual
from sklearn.base import RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor

GROUP = "origin"
HORIZON = timedelta(hours=1)
LIMITS = Limits()


def fit(x: npt.NDArray[np.float32], y: npt.NDArray[np.float64]) -> RegressorMixin:
    """A regressor of y (n,), with mean 0 and spread 1."""
    return HistGradientBoostingRegressor(random_state=0).fit(x, y)


def as_now(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """As many as in this hour."""
    return rows["departures"].astype(float)


def by_hour(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """As many as usual at this hour of the day, at this airport."""
    before, now = (
        [f"{origin} {hour}" for origin, hour in zip(each["origin"], each["hour_of_day"], strict=True)]
        for each in (past, rows)
    )
    return usual(outcomes, np.array(before), np.array(now))


BASELINES = (as_now, by_hour)

"""The model. Yours: change the estimator, the naive baselines, the limits.

What is predicted follows from the type of `label` in contracts/labels.yaml. `fit` gets the features as
x (n, k) of float32, null as NaN, an enum column as the place of its value in the contract; and the outcomes
y (n,):

| label | y | fit returns, fitted to y as it is | a baseline returns |
|---|---|---|---|
| boolean | 0 and 1 | a classifier with `predict_proba` | the probability of yes (n,) |
| string with an enum | the place of the class in the enum | the same | probabilities (n, classes) |
| number | with mean 0 and spread 1 | a regressor | numbers (n,) in the unit of the label |

Any estimator that skl2onnx converts. A baseline sees past rows, their outcomes (of classes: truths
(n, classes)) and the rows to forecast: the features, and `last_outcome`, the newest outcome of the same GROUP
that was known then.
"""

# <% if cookiecutter.example == 'rain' %>
from datetime import timedelta
# <% else %>
from typing import Any
# <% endif %>

import numpy as np
import numpy.typing as npt
from datadevops.models import Columns, Floats, Limits, Outcomes, usual
# <% if cookiecutter.example == 'rain' %>
from sklearn.base import ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier

# A column of the key: each of its values is evaluated separately too. May be left out.
GROUP = "station"
# How far ahead of its row a label looks. Rows without a time have none; where those of one person must not be
# in training and in evaluation, they have SPLIT_BY = "person".
HORIZON = timedelta(hours=1)
# <% else %>
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

# Rows with a time need it, rows without have none: how far ahead of its row a label looks.
# HORIZON = timedelta(hours=1)  # of the module datetime
# GROUP = "region"  # a column of the key: each of its values is evaluated separately too
# SPLIT_BY = "person"  # of rows without a time: those of one person are not in training and in evaluation
# <% endif %>
# Of the gate; docs/your-own-data.md says what each limit is, and how to choose it.
LIMITS = Limits()
# If the gate doubts an input that alone decides, and it really is known in time, say why:
# ACKNOWLEDGED = {"deposit_paid": "is paid when the form is sent"}


# <% if cookiecutter.example == 'rain' %>
def fit(x: npt.NDArray[np.float32], y: npt.NDArray[np.int64]) -> ClassifierMixin:
    """A classifier of y (n,), 0 and 1."""
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


def persistence(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """As it is now, so it will be: how often that was so, by whether it rains now."""
    return usual(outcomes, past["rain_mm"] > 0, rows["rain_mm"] > 0)


def climatology(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """How often it rained at that hour of the day in the past."""
    before, hour = (c["observed_at"].astype("datetime64[h]").astype(int) % 24 for c in (past, rows))
    return usual(outcomes, before, hour)


BASELINES = (persistence, climatology)  # the model must beat each of them
# <% else %>
def fit(x: npt.NDArray[np.float32], y: npt.NDArray[Any]) -> BaseEstimator:
    """Trees: a regressor for numbers, a classifier for yes or no and for classes. Keep the one you need."""
    kind = HistGradientBoostingRegressor if y.dtype.kind == "f" else HistGradientBoostingClassifier
    return kind(max_leaf_nodes=15, learning_rate=0.05, random_state=0).fit(x, y)


def as_usual(past: Columns, outcomes: Outcomes, rows: Columns) -> Floats:
    """As it was on average; with a column instead of the zeros, on average for each of its values."""
    before, now = (np.zeros(len(next(iter(each.values())))) for each in (past, rows))
    return usual(outcomes, before, now)


BASELINES = (as_usual,)  # the model must beat each of them
# <% endif %>

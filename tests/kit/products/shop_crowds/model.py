"""Will the shop be quiet, busy or full in the next hour? Small, so that a run of the tests takes a second."""

from datetime import timedelta

from sklearn.ensemble import HistGradientBoostingClassifier

from datadevops.models import Limits, usual

HORIZON = timedelta(hours=1)
GROUP = "shop"
LIMITS = Limits()


def fit(x, y):
    trees = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=6, early_stopping=False, random_state=0
    )
    return trees.fit(x, y)


def persistence(past, outcomes, rows):
    """What followed the last known class of the shop so far."""
    return usual(outcomes, past["last_outcome"], rows["last_outcome"])


BASELINES = (persistence,)

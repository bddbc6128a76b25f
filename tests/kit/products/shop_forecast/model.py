"""Will people queue in the next hour? Small, so that a run of the tests takes a second."""

from datetime import timedelta

from sklearn.ensemble import HistGradientBoostingClassifier

from datadevops.models import Limits, usual

HORIZON = timedelta(hours=1)
GROUP = "shop"
LIMITS = Limits(calibration_error=0.1, blocks=10)  # some tests run on two months


def fit(x, y):
    trees = HistGradientBoostingClassifier(
        max_iter=30, max_leaf_nodes=6, early_stopping=False, random_state=0
    )
    return trees.fit(x, y)


def persistence(past, outcomes, rows):
    """The next hour is like this one."""
    return usual(outcomes, past["queue_minutes"] > 0, rows["queue_minutes"] > 0)


def climatology(past, outcomes, rows):
    """How often people queued at that hour of the day."""
    then, now = (c["opened_at"].astype("datetime64[h]").astype(int) % 24 for c in (past, rows))
    return usual(outcomes, then, now)


BASELINES = (persistence, climatology)

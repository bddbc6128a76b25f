"""How many people come in the next hour? Small, so that a run of the tests takes a second."""

from datetime import timedelta

from sklearn.ensemble import HistGradientBoostingRegressor

from datadevops.models import Limits, usual

HORIZON = timedelta(hours=1)
LIMITS = Limits()


def fit(x, y):
    trees = HistGradientBoostingRegressor(max_iter=30, max_leaf_nodes=6, early_stopping=False, random_state=0)
    return trees.fit(x, y)


def persistence(past, outcomes, rows):
    """As many as in this hour."""
    return rows["visitors"]


def climatology(past, outcomes, rows):
    """As many as usually at that hour of the day."""
    then, now = (c["opened_at"].astype("datetime64[h]").astype(int) % 24 for c in (past, rows))
    return usual(outcomes, then, now)


BASELINES = (persistence, climatology)

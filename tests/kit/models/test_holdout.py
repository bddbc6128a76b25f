"""The newest rows come back from their file as they were written, ordered by their key."""

from types import SimpleNamespace

import numpy as np
import pytest

from datadevops.models import holdout

KEYS = {"shop": np.array(["b", "a", "c"], dtype=object), "week": np.array([1, 2, 3])}
NUMBERS = {"candidate": np.array([0.1, 0.2, 0.3]), "usual": np.array([0.4, 0.5, 0.6])}
TABLES = {name: np.column_stack([each, 1 - each]) for name, each in NUMBERS.items()}


@pytest.fixture
def again(engine, tmp_path):
    """again(forecasts, output): keys, outcome and forecasts that are read."""

    def read(forecasts, output):
        holdout.write(engine, tmp_path, KEYS, np.array([1, 0, 1]), forecasts)
        facts = {"baselines": ["usual"], "output": output}
        return holdout.read(
            engine, SimpleNamespace(file=lambda name: tmp_path / name, facts=facts), ["shop", "week"]
        )

    return read


@pytest.mark.parametrize(
    ("forecasts", "output"), [(NUMBERS, {}), (TABLES, {"classes": ["x", "y"]})], ids=["numbers", "classes"]
)
def test_rows_are_ordered_by_their_key_and_stay_together(again, forecasts, output):
    keys, outcome, found = again(forecasts, output)

    order = [1, 0, 2]
    assert {name: each.tolist() for name, each in keys.items()} == {
        "shop": ["a", "b", "c"],
        "week": [2, 1, 3],
    }
    assert outcome.tolist() == [0, 1, 1]
    assert list(found) == ["candidate", "usual"]
    for name, each in found.items():
        assert each.tolist() == forecasts[name][order].tolist()


def test_the_engine_knows_the_rows_afterwards(again, engine):
    again(NUMBERS, {})

    assert engine.rows("select count(*), sum(outcome) from holdout") == [(3, 2)]

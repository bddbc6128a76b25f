"""A feature that alone almost predicts the outcome is named, whatever its form."""

import numpy as np

from datadevops.models import suspicious


def test_a_feature_that_alone_almost_predicts_the_outcome_is_named_with_its_figure():
    rng = np.random.default_rng(0)
    outcome = rng.random(2000) < 0.2
    columns = {
        "copy": outcome + rng.normal(0, 0.35, 2000),
        "opposite": -1.0 * outcome,
        "band": np.where(outcome, rng.uniform(-1, 1, 2000), rng.choice([-3, 3], 2000)),
        "missing": np.where(outcome, np.nan, rng.random(2000)),
        "good": outcome + rng.normal(0, 1, 2000),
        "noise": rng.random(2000),
        "empty": np.full(2000, np.nan),
        "constant": np.ones(2000),
    }

    found = suspicious.find(
        np.column_stack(list(columns.values())).astype(np.float32), list(columns), outcome
    )

    assert list(found) == ["copy", "opposite", "band", "missing"]
    assert min(found.values()) > 0.95


def test_values_too_large_for_the_matrix_are_checked_too():
    outcome = np.arange(200) % 2 == 0
    huge = np.where(np.arange(200) < 100, 1e39, -1e39)
    answer = np.where(outcome, 1e39, np.nan)
    with np.errstate(over="ignore"):
        x = np.column_stack([huge, answer]).astype(np.float32)

    found = suspicious.find(x, ["huge", "answer"], outcome)

    assert found == {"answer": 1.0}

"""Importance is the skill that a model loses without an input; those that tell the same go together."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from datadevops.models import importance, losses

RANDOM = np.random.default_rng(0)
SIGNAL, NOISE = RANDOM.normal(size=(2, 3000)).astype(np.float32)
Y = SIGNAL.astype(np.float64)
NAIVE = losses.SQUARED.of_rows(Y, np.zeros(3000))


def measured(x, forecast, names):
    return importance.measure(forecast, x, Y, names, losses.SQUARED, NAIVE)


def test_an_input_that_decides_carries_the_skill_and_one_without_use_none():
    found = measured(np.column_stack([NOISE, SIGNAL]), lambda x: x[:, 1].astype(float), ["noise", "signal"])

    first, second = found["inputs"]
    assert (first["names"], second["names"]) == (["signal"], ["noise"])
    assert first["skill"] == pytest.approx(2, abs=0.1)  # it forecasts with the wrong rows' values
    assert 0 < first["spread"] < 0.1
    assert second["skill"] == 0


def test_inputs_that_tell_the_same_are_shuffled_together():
    """Shuffled alone, each of two copies would lose only a part."""
    x = np.column_stack([SIGNAL, NOISE, -3 * SIGNAL])

    first, second = measured(x, lambda x: (x[:, 0] - x[:, 2] / 3) / 2, ["one", "noise", "other"])["inputs"]

    assert first["names"] == ["one", "other"]
    assert first["skill"] == pytest.approx(2, abs=0.1)
    assert second["names"] == ["noise"]


@pytest.mark.parametrize("noise", [0.3, 0.7, 0.8, 1.2])
def test_inputs_go_together_from_a_rank_correlation_of_seven_tenths_on_however_many_values_are_equal(noise):
    x = np.column_stack([np.maximum(SIGNAL, 0), np.digitize(SIGNAL + noise * NOISE, [-1, 0, 1])])

    together = abs(spearmanr(x).statistic) >= 0.7

    assert importance.clusters(x.astype(np.float32)) == ([[0, 1]] if together else [[0], [1]])


def test_nulls_and_constants_are_no_reason_to_stop():
    x = np.column_stack([SIGNAL, np.full(3000, np.nan), np.ones(3000)]).astype(np.float32)

    assert len(measured(x, lambda x: np.zeros(len(x)), list("abc"))["inputs"]) >= 2
    assert importance.clusters(SIGNAL[:, np.newaxis]) == [[0]]


def test_the_cost_is_bounded(monkeypatch):
    monkeypatch.setattr(importance, "MOST_SCORED", 2_000)
    scored = []

    def forecast(x):
        scored.append(len(x))
        return x[:, 0].astype(float)

    found = measured(np.column_stack([SIGNAL, NOISE]), forecast, ["signal", "noise"])

    assert found["rows"] == 200
    assert sum(scored) <= 2_000 + 200

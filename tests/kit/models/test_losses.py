"""The losses that decide, and skill with its interval."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from datadevops.models import losses


def test_the_losses_are_those_of_scikit_learn():
    random = np.random.default_rng(3)
    outcome, p = random.random(400) < 0.2, random.random(400)
    place, table = random.integers(0, 3, 400), random.dirichlet([1, 1, 1], 400).clip(1e-3)
    table /= table.sum(axis=1, keepdims=True)

    assert losses.brier(outcome, p).mean() == pytest.approx(brier_score_loss(outcome, p))
    assert losses.log_loss(place, table).mean() == pytest.approx(log_loss(place, table))


def test_one_surprise_does_not_decide_alone():
    (loss,) = losses.log_loss(np.array([1]), np.array([[1.0, 0.0]]))

    assert loss == pytest.approx(-np.log(1e-4))


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("binary", "mean", "Brier score"),
        ("classes", "mean", "log loss"),
        ("regression", "mean", "squared error"),
        ("regression", "median", "absolute error"),
    ],
)
def test_one_loss_decides_for_each_kind(kind, value, name):
    assert losses.deciding(kind, value).name == name


def test_an_interval_over_days_is_wider_than_one_over_hours():
    """The hours of a day are not independent, so 2,400 hours count as 100 days."""
    random = np.random.default_rng(4)
    luck = np.repeat(random.normal(0, 0.3, 100), 24)
    mine, other = 1 + luck, np.full(2400, 1.2)

    _, *by_day = losses.skill(mine, other, np.repeat(np.arange(100), 24))
    _, *by_hour = losses.skill(mine, other, np.arange(2400))

    assert np.diff(by_day) > 3 * np.diff(by_hour)


def test_calibration_error_is_the_mean_distance_of_forecast_and_frequency():
    outcome = np.repeat([True, False], [30, 70])

    assert losses.calibration_error(np.full(100, 0.3), outcome) == pytest.approx(0)
    assert losses.calibration_error(np.full(100, 0.5), outcome) == pytest.approx(0.2)
    assert losses.calibration_error(np.ones(100), outcome) == pytest.approx(0.7)


def test_what_is_too_high_in_one_bin_does_not_make_up_for_what_is_too_low_in_another():
    probability, right = np.repeat([0.15, 0.85], 50), np.tile([True, False], 50)

    assert losses.calibration_error(probability, right) == pytest.approx(0.35)


IN_TENTHS = {  # two probabilities, the first of what is right and the other of what is not -> the error
    "of one tenth": (0.31, 0.39, (0.69 - 0.39) / 2),
    "of two tenths": (0.39, 0.41, (0.61 + 0.41) / 2),
    "of the first": (0.0, 0.09, (1 - 0.09) / 2),
    "of the last two": (0.85, 0.95, (0.15 + 0.95) / 2),
    "of the last, with certainty": (0.91, 1.0, (1 - 0.09) / 2),
}


@pytest.mark.parametrize(("one", "other", "error"), IN_TENTHS.values(), ids=IN_TENTHS)
def test_probabilities_are_compared_with_the_frequency_in_their_tenth(one, other, error):
    right = np.array([True, False])

    assert losses.calibration_error(np.array([one, other]), right) == pytest.approx(error)


def test_one_of_twenty_perfectly_calibrated_forecasts_has_a_larger_error_than_chance_explains():
    random = np.random.default_rng(5)
    probability = random.random(300)
    most = losses.calibration_by_chance(probability)

    errors = [losses.calibration_error(probability, random.random(300) < probability) for _ in range(1000)]

    assert np.mean(np.array(errors) > most) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("blocks", [400, 2000, 4000])  # of more than 2,000, several are drawn together
def test_the_interval_of_skill_is_that_of_independent_blocks_around_it(blocks):
    random = np.random.default_rng(6)
    mine, block = random.normal(0.6, 0.2, 4000), np.arange(4000) % blocks

    skill, low, high = losses.skill(mine, np.ones(4000), block)

    half = 1.96 * 0.2 / 4000**0.5  # of a normal distribution
    assert skill == pytest.approx(1 - mine.mean())
    assert (skill - low, high - skill) == pytest.approx((half, half), rel=0.25)


def test_against_a_forecast_without_any_loss_skill_is_no_error():
    skill, low, high = losses.skill(np.ones(10), np.zeros(10), np.arange(10))

    assert max(skill, low, high) < -1e6

"""Each check of the gate passes on one forecast and fails on another, made for it."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from datadevops.models import gate

DAYS, HOURS = 100, 24
LIMITS = gate.Limits(champion_loss=0.02, group_gap=0.1, calibration_error=0.05)
NAIVE = ("average precision above persistence", "Brier score below persistence")
CHAMPION = "average precision against the champion"


@pytest.fixture
def rows():
    """2,400 rows with known probabilities, two groups, and a candidate that forecasts them exactly."""
    rng = np.random.default_rng(0)
    truth = rng.beta(0.3, 1.0, DAYS * HOURS)
    return gate.Newest(
        outcome=rng.random(truth.size) < truth,
        candidate=truth,
        baselines={"persistence": np.clip(truth + rng.normal(0, 0.3, truth.size), 0, 1)},
        champion=np.clip(truth + rng.normal(0, 0.01, truth.size), 0, 1),
        day=np.repeat(np.arange(DAYS), HOURS).astype("datetime64[D]"),
        group=np.tile(["north", "north", "north", "south"], truth.size // 4),
        groups=["north", "south"],
    )


def failed(rows, has_champion=True):
    """The checks that did not pass, with their result: False, or None for not run."""
    return {c.name: c.passed for c in gate.judge(rows, LIMITS, has_champion) if c.passed is not True}


def test_a_forecast_of_the_true_probabilities_passes_every_check(rows):
    checks = gate.judge(rows, LIMITS, has_champion=True)

    assert [check.name for check in checks if check.passed is True] == [
        *NAIVE,
        CHAMPION,
        "average precision, north",
        "average precision, south",
        "calibration error",
    ]


def test_a_forecast_no_better_than_the_naive_one_fails_both_comparisons(rows):
    even = replace(rows, candidate=rows.baselines["persistence"], champion=None)

    assert set(NAIVE) <= set(failed(even, has_champion=False))


def test_a_baseline_that_is_not_beaten_is_named(rows):
    both = replace(rows, baselines=rows.baselines | {"climatology": rows.candidate}, champion=None)

    assert set(failed(both, has_champion=False)) == {
        "average precision above climatology",
        "Brier score below climatology",
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_coin_is_no_better_than_another_coin(rows, seed):
    rng = np.random.default_rng(seed)
    one, other = rng.random((2, rows.outcome.size))
    coins = replace(rows, candidate=one, baselines={"persistence": other})

    assert set(NAIVE) <= set(failed(coins))


def test_the_right_order_with_wrong_probabilities_fails_on_brier_score_and_calibration_alone(rows):
    overconfident = replace(rows, candidate=rows.candidate**0.1)

    assert failed(overconfident) == {NAIVE[1]: False, "calibration error": False}


def test_a_small_bias_fails_on_calibration_alone(rows):
    biased = replace(rows, candidate=np.clip(rows.candidate + 0.06, 0, 1))

    assert failed(biased) == {"calibration error": False}


def test_worse_than_the_champion_fails_although_it_beats_the_naive_forecast(rows):
    noise = np.random.default_rng(2).normal(0, 0.15, rows.outcome.size)
    worse = replace(rows, candidate=np.clip(rows.candidate + noise, 0, 1), champion=rows.candidate)

    assert CHAMPION in failed(worse)
    assert NAIVE[0] not in failed(worse)


def test_as_good_as_the_champion_passes(rows):
    assert failed(replace(rows, champion=rows.candidate)) == {}


def test_a_champion_that_cannot_score_these_rows_is_not_run_and_not_green(rows):
    checks = {
        check.name: check for check in gate.judge(replace(rows, champion=None), LIMITS, has_champion=True)
    }

    assert checks[CHAMPION].passed is None
    assert "NOT RUN" in checks[CHAMPION].figure


def test_without_a_champion_no_check_compares_with_one(rows):
    checks = gate.judge(replace(rows, champion=None), LIMITS, has_champion=False)

    assert CHAMPION not in [check.name for check in checks]
    assert all(check.passed for check in checks)


def test_a_group_far_below_the_others_fails_and_is_named(rows):
    guesses = np.random.default_rng(3).permutation(rows.candidate)
    unserved = replace(rows, candidate=np.where(rows.group == "south", guesses, rows.candidate))

    found = {name for name in failed(unserved) if name.startswith("average precision, ")}

    assert found == {"average precision, south"}


def test_a_group_without_events_cannot_be_evaluated_and_is_not_green(rows):
    quiet = replace(rows, outcome=rows.outcome & (rows.group == "north"), champion=None)

    assert failed(quiet, has_champion=False)["average precision, south"] is None


def test_a_group_without_newest_rows_is_named_and_not_green(rows):
    closed = replace(rows, groups=["east", *rows.groups])

    (check,) = (each for each in gate.judge(closed, LIMITS, has_champion=True) if each.passed is None)

    assert (check.name, check.figure) == ("average precision, east", "NOT RUN: no newest row")


@pytest.mark.parametrize("groups", [[7, 12], [True, False], ["2025-01-01", "2025-01-02"]])
def test_groups_may_be_numbers_truths_and_times(rows, groups):
    kind = "datetime64[D]" if isinstance(groups[0], str) else None
    group = np.tile(np.array(groups, dtype=kind), rows.outcome.size // 2)

    checks = gate.judge(replace(rows, group=group, groups=list(map(str, groups))), LIMITS, has_champion=True)

    assert [check.passed for check in checks if check.name.startswith("average precision, ")] == [True, True]


def test_the_same_rows_get_the_same_answer_each_time(rows):
    assert gate.judge(rows, LIMITS, True) == gate.judge(rows, LIMITS, True)


def test_the_figure_of_a_check_can_be_compared_with_its_bound(rows):
    check = gate.judge(rows, LIMITS, True)[2]
    low, high = map(float, check.figure.split(" .. "))

    assert check.bound == "> -0.02"
    assert -0.02 < low <= high


def test_an_interval_over_days_is_wider_than_one_over_hours(rows):
    """The hours of a day are not independent, so 2,400 hours count as 100 days."""
    luck = np.repeat(np.random.default_rng(4).normal(0, 0.3, DAYS), HOURS)
    lucky = np.clip(rows.candidate + np.where(rows.outcome, luck, -luck), 0, 1)
    hours = np.arange(rows.day.size)
    score = gate.average_precision

    by_day = gate.interval(rows.outcome, lucky, rows.candidate, rows.day, score)
    by_hour = gate.interval(rows.outcome, lucky, rows.candidate, hours, score)

    assert np.diff(by_day) > 1.5 * np.diff(by_hour)


def test_the_gate_needs_memory_for_the_rows_and_not_for_all_draws_at_once(rows):
    of_rows = {name: values for name, values in vars(rows).items() if isinstance(values, np.ndarray)}
    arrays = {name: np.tile(values, 10) for name, values in of_rows.items()}  # 24,000 rows
    arrays["baselines"] = {name: np.tile(values, 10) for name, values in rows.baselines.items()}
    arrays["groups"] = rows.groups
    tracemalloc.start()

    gate.judge(gate.Newest(**arrays), LIMITS, has_champion=True)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 50e6  # a matrix of 300 draws alone would take 58 MB, of a million rows 2.4 GB


def test_calibration_error_is_the_mean_distance_of_forecast_and_frequency():
    outcome = np.repeat([True, False], [30, 70])

    assert gate.calibration_error(outcome, np.full(100, 0.3)) == pytest.approx(0)
    assert gate.calibration_error(outcome, np.full(100, 0.5)) == pytest.approx(0.2)
    assert gate.calibration_error(outcome, np.ones(100)) == pytest.approx(0.7)


def test_the_scores_are_those_of_scikit_learn_for_every_weight():
    random = np.random.default_rng(3)
    outcome, weight = random.random(400) < 0.2, random.integers(0, 3, (5, 400)).astype(float)
    tied = random.integers(0, 20, 400) / 20

    precision = [average_precision_score(outcome, tied, sample_weight=w) for w in weight]
    brier = [-brier_score_loss(outcome, tied, sample_weight=w) for w in weight]

    np.testing.assert_allclose(gate.average_precision(outcome, tied, weight), precision)
    np.testing.assert_allclose(gate.brier_skill(outcome, tied, weight), brier)

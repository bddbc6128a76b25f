"""The figures that people quote are those of scikit-learn; the threshold is the best on the rows given."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from datadevops.models import figures

Y, P = np.array([True, False, True, True, False]), np.array([0.9, 0.5, 0.5, 0.2, 0.1])


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_has_a_higher_f1_than_the_chosen_one(seed):
    random = np.random.default_rng(seed)
    p = random.random(200).round(2)
    y = random.random(200) < p**2

    chosen = figures.choose_threshold(y, p)

    f1 = {cut: f1_score(y, p >= cut) for cut in np.unique(p)}
    assert f1_score(y, p >= chosen) == max(f1.values())


@pytest.mark.parametrize("moved", [-0.01, 0.01])
def test_scores_that_move_a_little_lead_to_the_same_decisions(moved):
    p, y = np.repeat([0.006, 0.4, 0.994], 20), np.repeat([False, False, True], 20)

    chosen = figures.choose_threshold(y, p)

    assert (p + moved >= chosen).tolist() == y.tolist()


def test_one_event_that_is_hard_to_tell_is_not_worth_many_false_alarms():
    y, p = np.repeat([True, True, False], [9, 1, 6]), np.repeat([0.9, 0.1, 0.1], [9, 1, 6])

    assert figures.choose_threshold(y, p) == 0.5


def test_where_yes_is_best_for_all_rows_it_stays_so_if_scores_move_a_little():
    assert figures.choose_threshold(np.array([False, True]), np.array([0.5, 0.5])) == 0.25


def test_a_probability_at_the_threshold_is_a_yes():
    found = figures.figures("binary", Y, P, 0.5)

    assert (found["recall"], found["precision"]) == pytest.approx((2 / 3, 2 / 3))
    assert found["brier"] == pytest.approx(np.mean((P - Y) ** 2))
    assert found["roc_auc"] == pytest.approx(4.5 / 6)


def test_where_nothing_is_decided_precision_is_zero():
    assert figures.figures("binary", Y, P, 0.95)["precision"] == 0


@pytest.mark.parametrize("outcome", [np.zeros(5, bool), np.ones(5, bool)])
def test_of_one_outcome_alone_there_are_no_figures_and_one_of_the_other_will_do(outcome):
    assert figures.figures("binary", outcome, P) == {}

    outcome[0] = not outcome[0]

    assert len(figures.figures("binary", outcome, P)) == 5


def test_the_figures_of_classes():
    table = np.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.6, 0.2, 0.2], [0.1, 0.1, 0.8]])

    found = figures.figures("classes", np.array([0, 1, 1, 2]), table)

    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.5, 0.2, 0.8]).mean())


def test_the_figures_of_numbers():
    found = figures.figures("regression", np.array([1.0, 2.0]), np.array([4.0, 1.0]))

    assert found == pytest.approx({"mean_absolute_error": 2, "root_mean_squared_error": 5**0.5, "bias": 1})


@pytest.mark.parametrize("kind", ["classes", "regression"])
def test_without_rows_there_are_no_figures(kind):
    assert figures.figures(kind, np.array([]), np.empty((0, 3))) == {}

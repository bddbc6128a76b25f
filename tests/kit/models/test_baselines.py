"""Naive forecasts know the past outcomes of their group that were known then, and nothing later."""

from datetime import timedelta

import numpy as np
import pytest

from datadevops.contract.target import Target
from datadevops.errors import ContractError
from datadevops.models import baselines, losses, usual
from datadevops.models.baselines import last_known
from datadevops.models.definition import Definition
from datadevops.models.gate import Limits

START = np.datetime64("2025-01-01T00:00:00")


def hours(*places):
    return START + np.array(places) * np.timedelta64(3600, "s")


def test_the_last_outcome_is_the_newest_that_was_known_at_the_time_of_the_row():
    when, y = hours(0, 1, 2, 3, 7), np.array([10, 11, 12, 13, 17])

    found = last_known(when, None, y, timedelta(hours=2))

    assert found.tolist() == [None, None, 10, 11, 13]


def test_the_last_outcome_is_one_of_the_same_group():
    when, y = hours(0, 0, 1, 1, 2), np.array([True, False, True, False, True])

    found = last_known(when, np.array(["a", "b", "b", "a", "b"]), y, timedelta(hours=1))

    assert found.tolist() == [None, None, False, True, True]


def test_the_rows_may_come_in_any_order():
    when, y = hours(3, 0, 2, 1), np.array([3, 0, 2, 1])

    assert last_known(when, None, y, timedelta(hours=1)).tolist() == [2, None, 1, 0]


def test_no_row_knows_its_own_outcome_even_if_a_label_does_not_look_ahead():
    when, y = hours(0, 1, 1, 2), np.array([0, 1, 2, 3])

    assert last_known(when, None, y, timedelta(0)).tolist() == [None, 0, 0, 2]


def test_usual_is_the_frequency_of_past_rows_with_the_same_cell():
    wet = np.repeat([True, False], [500, 500])
    past = np.repeat(["sea", "hill"], [500, 500])

    found = usual(wet, past, np.array(["sea", "hill", "moon"]))

    assert found == pytest.approx([0.99, 0.01, 0.5], abs=0.001)


def test_a_cell_with_few_rows_leans_on_all():
    found = usual(np.array([True] + [False] * 99), np.arange(100), np.array([0]))

    assert found == pytest.approx([(1 + 10 * 0.01) / 11])


def test_usual_of_classes_is_a_probability_for_each():
    outcomes = np.eye(3, dtype=bool)[[0, 0, 1, 2]]

    found = usual(outcomes, np.zeros(4), np.zeros(2))

    assert found == pytest.approx(np.array([[0.5, 0.25, 0.25]] * 2))


def test_usual_takes_several_columns_and_nulls():
    gone = np.ma.masked_array([1, 1, 2, 2], [False, False, False, True])
    place = np.array(["a", "b", "a", "a"])
    outcomes = np.array([0.0, 100.0, 200.0, 300.0])

    found = usual(outcomes, (gone, place), (gone, place), median=True)

    assert found.tolist() == [0, 100, 200, 300]


def test_the_median_of_a_cell_that_the_past_has_not_is_that_of_all():
    assert usual(np.array([1.0, 2.0, 9.0]), np.zeros(3), np.ones(1), median=True).tolist() == [2]


@pytest.mark.parametrize("cells", [1, 7, 500])
def test_the_median_of_each_cell_is_that_of_its_past_rows(cells):
    random = np.random.default_rng(cells)
    past, rows = random.integers(0, cells, 1000), random.integers(0, cells + 2, 50)
    outcomes = random.normal(size=1000).round(1)

    found = usual(outcomes, past, rows, median=True)

    each = [outcomes[past == row] if (past == row).any() else outcomes for row in rows]
    assert found.tolist() == [np.median(of_cell) for of_cell in each]


def test_the_median_of_many_cells_needs_no_look_at_all_rows_for_each():
    """With one, these 200,000 cells would take 4e10 comparisons."""
    past = np.arange(200_000)

    found = usual(past.astype(np.float64), past, np.array([7, 199_999]), median=True)

    assert found.tolist() == [7, 199_999]


BINARY, CLASSES, NUMBER = Target("binary"), Target("classes", ("a", "b", "c")), Target("regression")
ROWS = {"shop": np.array(["x", "y", "x", "y"])}
KNOWN = np.array([True, True, False, False])


def forecast(target, answer, y=(1, 0, 1, 0)):
    """The forecast of a baseline that gives this answer for two rows, or answer(past, outcomes, rows)."""

    def habit(*given):
        return answer(*given) if callable(answer) else answer

    model = Definition(habit, {"habit": habit}, Limits(), None, timedelta(0), losses.BRIER)
    return baselines.forecasts(model, target, ROWS, np.array(y), KNOWN, ~KNOWN)["habit"]


FORECASTS = {
    "certainty of yes or no": (BINARY, [0.0, 1.0]),
    "certainty of a class": (CLASSES, [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]]),
    "classes that add up to 1 nearly": (CLASSES, [[0.3333333, 0.3333333, 0.3333333]] * 2),
    "any number": (NUMBER, [-1e9, 3.0]),
}


@pytest.mark.parametrize(("target", "answer"), FORECASTS.values(), ids=FORECASTS)
def test_a_forecast_of_its_kind_is_taken_as_it_is(target, answer):
    assert forecast(target, answer).tolist() == answer


NO_FORECASTS = {
    "more than certain": (BINARY, [0.5, 1.001]),
    "less than impossible": (BINARY, [-0.001, 0.5]),
    "an unknown one": (BINARY, np.ma.masked_array([0.5, 0.5], [False, True])),
    "no number": (NUMBER, [np.nan, 1.0]),
    "a number without end": (NUMBER, [np.inf, 1.0]),
    "one for all rows": (NUMBER, [1.0]),
    "one for past rows too": (NUMBER, [1.0] * 4),
    "one class too few": (CLASSES, [[0.5, 0.5], [0.5, 0.5]]),
    "one number for classes": (CLASSES, [0.5, 0.5]),
    "classes that do not add up": (CLASSES, [[0.3, 0.3, 0.3], [0.5, 0.5, 0.0]]),
    "a negative class": (CLASSES, [[-0.5, 1.0, 0.5], [0.5, 0.5, 0.0]]),
}


@pytest.mark.parametrize(("target", "answer"), NO_FORECASTS.values(), ids=NO_FORECASTS)
def test_what_is_no_forecast_of_its_kind_is_refused_with_the_name_of_the_baseline(target, answer):
    with pytest.raises(ContractError, match=r"ML002.*habit does not return"):
        forecast(target, answer)


def test_a_baseline_sees_past_rows_with_their_outcomes_and_the_others_without():
    seen = {}

    def answer(past, outcomes, rows):
        seen.update(past=past["shop"].tolist(), outcomes=outcomes.tolist(), rows=rows["shop"].tolist())
        return [[1, 0, 0], [0, 0, 1]]

    forecast(CLASSES, answer, y=(2, 0, 1, 1))

    assert seen == {"past": ["x", "y"], "rows": ["x", "y"], "outcomes": [[0, 0, 1], [1, 0, 0]]}


def test_a_baseline_that_reads_a_column_that_there_is_not_is_named():
    with pytest.raises(ContractError, match=r"(?s)ML002.*habit reads a column 'shops'.*use one of shop"):
        forecast(BINARY, lambda past, outcomes, rows: past["shops"])


def test_the_best_baseline_is_the_one_with_the_smallest_loss():
    y, good, bad = np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.array([0.4, 0.6])

    assert baselines.best(losses.BRIER, y, {"bad": bad, "good": good}) == pytest.approx([0.01, 0.01])


def test_without_past_rows_nothing_is_usual():
    with pytest.raises(ValueError, match="there are no past rows"):
        usual(np.array([]), np.array([]), np.array(["a"]))

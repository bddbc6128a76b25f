"""Naive forecasts know the past outcomes of their group that were known then, and nothing later."""

from datetime import timedelta

import numpy as np
import pytest

from datadevops.models import usual
from datadevops.models.baselines import last_known

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

"""Columns become numbers for a model; each row becomes one text, by which rows are told apart."""

import numpy as np
import pytest

from datadevops.engine import columns

SHOPS = np.array(["north", "north", "south", "south"])
HOURS = np.ma.array([1, 2, 1, 2], mask=[False, False, True, False])


@pytest.mark.parametrize("cells", [[SHOPS, HOURS], [HOURS, SHOPS], [HOURS, SHOPS, HOURS]])
def test_rows_that_differ_in_any_cell_have_different_texts(cells):
    assert len({*columns.joined(cells)}) == 4


def test_the_end_of_a_cell_is_not_taken_for_the_start_of_the_next_one():
    one, other = columns.joined([np.array(["ab", "a"]), np.array(["c", "bc"])])

    assert one != other


def test_one_column_alone_is_the_text_of_its_cells():
    assert columns.joined(HOURS).tolist() == ["1", "2", "null", "2"]


def test_truths_and_numbers_are_floats_and_null_is_nan():
    truths = np.ma.array([True, False, True], mask=[False, False, True])

    found = columns.filled(truths), columns.filled(HOURS)

    np.testing.assert_array_equal(found[0], [1.0, 0.0, np.nan])
    np.testing.assert_array_equal(found[1], [1.0, 2.0, np.nan, 2.0])

"""What a model returns becomes a forecast of its kind, and rows of predictions."""

import numpy as np
import pytest

from datadevops.models.kinds import KINDS, covered, within

NUMBER = {
    "scale": 2.0,
    "offset": 10.0,
    "minimum": 0,
    "maximum": None,
    "intervals": {"edges": [10.0], "low": [-12.0, -1.0], "high": [3.0, 4.0]},
}
CLASSES = {"classes": ["Big one", "none", "small"], "places": [0, 2]}


def rows(kind, forecast, output):
    """The columns of predictions as lists."""
    found = KINDS[kind].columns(np.asarray(forecast), output)
    return {name: column.tolist() for name, column in found.items()}


def test_the_probability_of_yes_is_from_0_to_1_although_sums_of_32_bits_are_not():
    table = np.array([[1.0, -1e-7], [0.75, 0.25], [0.0, 1.0000002]], dtype=np.float32)

    assert KINDS["binary"].forecast(table, {}).tolist() == [0, 0.25, 1]


def test_a_probability_at_the_threshold_is_decided_yes():
    assert rows("binary", [0.29, 0.3, 0.9], {"threshold": 0.3}) == {
        "probability": [0.29, 0.3, 0.9],
        "threshold": [0.3, 0.3, 0.3],
        "decision": [False, True, True],
    }


def test_probabilities_of_classes_are_in_the_order_of_the_contract_and_add_up_to_1():
    table = np.array([[0.2, 0.6], [-0.1, 0.5]], dtype=np.float32)

    found = KINDS["classes"].forecast(table, CLASSES)

    assert found == pytest.approx(np.array([[0.25, 0, 0.75], [0, 0, 1]]))


def test_the_most_probable_class_is_the_answer():
    assert rows("classes", [[0.7, 0.1, 0.2], [0.1, 0.3, 0.6]], CLASSES) == {
        "value": ["Big one", "small"],
        "probability": [0.7, 0.6],
        "probability_big_one": [0.7, 0.1],
        "probability_none": [0.1, 0.3],
        "probability_small": [0.2, 0.6],
    }


def test_a_number_is_in_the_unit_and_the_range_of_the_label():
    found = KINDS["regression"].forecast(np.array([[-6.0], [0.5]], dtype=np.float32), NUMBER)

    assert found.tolist() == [0, 11]


@pytest.mark.parametrize(
    ("least", "most", "kept"),
    [(None, None, [-5, 0, 5]), (0, None, [0, 0, 5]), (None, 0, [-5, 0, 0]), (-1, 1, [-1, 0, 1])],
)
def test_each_end_of_a_range_may_be_open(least, most, kept):
    output = {"minimum": least, "maximum": most}

    assert within(np.array([-5.0, 0.0, 5.0]), output).tolist() == kept


def test_the_ends_of_an_interval_are_those_of_its_bin_in_the_range_of_the_label():
    assert rows("regression", [9.0, 11.0], NUMBER) == {"value": [9, 11], "low": [0, 10], "high": [12, 15]}


def test_an_outcome_at_either_end_is_in_the_interval():
    outcome = np.array([9.9, 10.0, 15.0, 15.1])

    assert covered(outcome, np.full(4, 11.0), NUMBER).tolist() == [False, True, True, False]

"""Each forecast is measured in all rows and in each group that has any."""

import numpy as np
import pytest

from datadevops.models import by_group, losses

Y = np.array([True, False, True, False])
FORECASTS = {"candidate": np.array([0.3, 0.2, 0.35, 0.25]), "usual": np.array([0.6, 0.55, 0.7, 0.4])}
PARTS = {
    "north": np.array([True, True, False, False]),
    "closed": np.zeros(4, dtype=bool),
    "all": np.ones(4, dtype=bool),
}


def test_the_candidate_decides_by_its_threshold_and_a_baseline_by_a_half():
    found = by_group.figures(Y, FORECASTS, PARTS, {"kind": "binary", "threshold": 0.3})

    assert list(found) == ["north", "all"]
    assert list(found["all"]) == ["candidate", "usual"]
    assert [found["all"]["candidate"][name] for name in ("recall", "precision")] == [1, 1]
    assert [found["north"]["usual"][name] for name in ("recall", "precision")] == [1, 0.5]


def test_a_number_needs_no_threshold():
    numbers = {"candidate": np.array([1.0, 2.0, 3.0, 5.0])}

    found = by_group.figures(np.arange(4.0), numbers, PARTS, {"kind": "regression"})

    assert {group: each["candidate"]["bias"] for group, each in found.items()} == {"north": 1, "all": 1.25}


def test_the_share_in_its_interval_is_of_numbers_only_and_of_groups_with_rows():
    output = {"kind": "regression", "minimum": None, "maximum": None}
    output |= {"intervals": {"edges": [], "low": [-1.0], "high": [1.0]}}
    value, outcome = np.zeros(4), np.array([1.0, 1.5, -1.0, 0.0])

    assert by_group.coverage(outcome, value, PARTS, output) == {"north": 0.5, "all": 0.75}
    assert by_group.coverage(Y, value, PARTS, {"kind": "binary"}) == {}


def test_the_skill_of_a_group_is_that_of_its_own_rows():
    block = np.array([1, 1, 2, 2])

    found = by_group.skills(losses.BRIER, Y, FORECASTS, PARTS, block)

    assert {group: each["rows"] for group, each in found.items()} == {"north": 2, "all": 4}
    (skill, low, high) = found["north"]["over"]["usual"]
    assert skill == pytest.approx(1 - (0.7**2 + 0.2**2) / (0.4**2 + 0.55**2))
    assert (low, high) == pytest.approx((skill, skill))  # it has one block
    assert list(found["all"]["over"]) == ["usual"]

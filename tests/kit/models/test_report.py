"""The charts of a report show a perfect forecast where their captions say; all points are in the chart."""

import numpy as np
import pytest

from datadevops.models import report

PLACE = np.arange(600)
INTERVALS = {"edges": [], "low": [-1.0], "high": [1.0]}
PERFECT = {  # outcome, forecast, facts about the model
    "binary": (PLACE % 3 == 0, (PLACE % 3 == 0).astype(float), {}),
    "classes": (PLACE % 3, np.eye(3)[PLACE % 3], {}),
    "regression": (
        PLACE + 50.0,
        PLACE + 50.0,
        {"unit": "EUR", "minimum": None, "maximum": None, "intervals": INTERVALS},
    ),
}


def drawn(kind, change=lambda forecast: forecast):
    outcome, forecast, output = PERFECT[kind]
    found = report.pictures(outcome, {"candidate": change(forecast)}, output | {"kind": kind})
    return {picture.key: picture for picture in found}


@pytest.mark.parametrize("kind", PERFECT)
def test_a_perfect_forecast_lies_on_the_diagonal(kind):
    picture = drawn(kind)["calibration"]

    assert picture.diagonal
    assert [y for _, y in picture.lines["candidate"]] == [x for x, _ in picture.lines["candidate"]]


@pytest.mark.parametrize("kind", PERFECT)
def test_every_point_is_in_the_chart(kind):
    for picture in drawn(kind).values():
        points = np.array(picture.lines["candidate"])
        assert (points.min() >= 0, points.max() <= 1) == (True, True)


def test_the_axes_of_numbers_are_in_their_unit():
    """From the mean of the lowest tenth of the forecasts to that of the highest."""
    picture = drawn("regression")["calibration"]

    assert picture.scale == pytest.approx((79.5, 619.5), abs=0.5)
    assert (picture.across, picture.up) == ("mean forecast, EUR", "mean outcome, EUR")
    assert picture.lines["candidate"][0] == (0, 0)
    assert picture.lines["candidate"][-1] == (1, 1)


def test_a_forecast_that_is_too_high_lies_below_the_diagonal():
    points = drawn("regression", lambda forecast: forecast + 30)["calibration"].lines["candidate"]

    assert all(y < x for x, y in points)


def test_a_probability_is_compared_with_the_frequency_in_its_tenth():
    tenths = drawn("binary", lambda _: PLACE % 100 / 100)["calibration"].lines["candidate"]
    last = drawn("binary", lambda _: np.where(PLACE < 300, 0.92, 1.0))["calibration"].lines["candidate"]

    assert [x for x, _ in tenths] == pytest.approx(np.arange(0.045, 1, 0.1))
    assert last == [(pytest.approx(0.96), pytest.approx(1 / 3))]


def test_all_that_a_perfect_forecast_finds_is_found():
    assert drawn("binary")["precision_recall"].lines["candidate"] == [(1, 1)]
    assert drawn("classes")["recall"].lines["candidate"] == [(0, 1), (0.5, 1), (1, 1)]
    assert {y for _, y in drawn("regression")["coverage"].lines["candidate"]} == {1}


def test_only_shares_are_on_the_axes_where_nothing_else_is_said():
    found = [picture for kind in PERFECT for picture in drawn(kind).values()]

    assert [picture.key for picture in found if picture.scale != (0, 1)] == ["calibration"]
    assert [picture.key for picture in found if picture.stepped] == ["precision_recall"]
    assert {picture.key for picture in found if picture.diagonal} == {"calibration"}


def test_precision_and_recall_are_those_of_each_threshold_from_the_highest_on():
    outcome = np.array([True, False, True, True, False])
    forecast = {"candidate": np.array([0.9, 0.5, 0.5, 0.2, 0.1])}

    curve, _ = report.pictures(outcome, forecast, {"kind": "binary"})

    assert np.array(curve.lines["candidate"]) == pytest.approx(
        np.array([[1 / 3, 1], [2 / 3, 2 / 3], [1, 3 / 4]])
    )


def test_where_nothing_happened_there_is_no_curve_and_the_calibration_all_the_same():
    curve, calibration = report.pictures(
        np.zeros(4, bool), {"candidate": np.full(4, 0.25)}, {"kind": "binary"}
    )

    assert (curve.lines, calibration.lines) == ({}, {"candidate": [(0.25, 0)]})


def test_a_class_that_never_came_has_no_recall():
    outcome, forecast = np.array([0, 2, 2]), np.eye(3)[[0, 2, 1]]

    recall, _ = report.pictures(outcome, {"candidate": forecast}, {"kind": "classes"})

    assert recall.lines["candidate"] == [(0, 1), (1, 0.5)]


def test_a_number_that_is_always_the_same_has_a_point_in_each_chart():
    found = drawn("regression", lambda forecast: np.full(600, forecast.mean()))

    assert found["calibration"].lines["candidate"] == [(0, 0)]
    assert found["coverage"].lines["candidate"] == [(0, pytest.approx(2 / 600))]


def test_coverage_goes_from_the_lowest_forecasts_to_the_highest_however_few_there_are():
    points = drawn("regression", lambda forecast: (forecast > 635).astype(float))["coverage"].lines

    assert [x for x, _ in points["candidate"]] == [0, 1]

"""Intervals contain nine of ten outcomes that were not used to make them, of large and of small forecasts."""

import numpy as np
import pytest

from datadevops.models import intervals


def rows(seed, count):
    """Forecasts and outcomes whose errors grow with the forecast."""
    random = np.random.default_rng(seed)
    forecast = random.uniform(1, 100, count)
    return forecast, forecast * (1 + random.normal(0, 0.2, count))


def test_each_fifth_of_new_rows_is_covered():
    found = intervals.fit(*rows(0, 5000))
    forecast, outcome = rows(1, 5000)

    low, high = intervals.bounds(forecast, found)

    inside = (low <= outcome) & (outcome <= high)
    fifths = np.searchsorted(np.quantile(forecast, [0.2, 0.4, 0.6, 0.8]), forecast)
    assert [inside[fifths == each].mean() for each in range(5)] == pytest.approx([0.9] * 5, abs=0.05)


@pytest.mark.parametrize(("count", "bins"), [(499, 1), (500, 5)])
def test_with_few_rows_all_forecasts_share_one_width(count, bins):
    found = intervals.fit(*rows(0, count))

    assert len(found["low"]) == len(found["high"]) == len(found["edges"]) + 1 == bins


@pytest.mark.parametrize(("count", "covered"), [(18, 18), (39, 37), (59, 55), (99, 91)])
def test_the_ends_are_ranks_of_one_row_more(count, covered):
    """Of n + 1 rows in any order, the new one lies outside as often as the ranks beyond the ends say."""
    errors = np.arange(count) - count // 2.0

    found = intervals.fit(np.zeros(count), errors)

    inside = (found["low"][0] <= errors) & (errors <= found["high"][0])
    assert inside.sum() == covered


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_interval_contains_its_forecast(sign):
    found = intervals.fit(np.zeros(200), sign * np.linspace(5, 9, 200))

    low, high = intervals.bounds(np.array([3.0]), found)

    assert low <= 3 <= high


def test_forecasts_that_are_all_equal_have_an_interval():
    found = intervals.fit(np.ones(600), np.linspace(0, 2, 600))

    low, high = intervals.bounds(np.ones(2), found)

    assert low == pytest.approx([0.1, 0.1], abs=0.01)
    assert high == pytest.approx([1.9, 1.9], abs=0.01)

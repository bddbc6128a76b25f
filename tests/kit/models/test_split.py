"""Rows are split by whole days, or without a time by units, the same everywhere and for ever."""

from contextlib import nullcontext
from datetime import timedelta

import numpy as np
import pytest

from datadevops.contract.target import Target
from datadevops.errors import DataError
from datadevops.models import split

WEATHER = Target("classes", ("dry", "wet", "snow"))


def test_all_rows_of_a_unit_are_in_one_slice_and_each_row_is_in_one():
    units = np.repeat(np.arange(3000), 3).astype(str)

    found = split.by_unit(units)

    parts = found.parts.values()
    assert (np.sum([part.astype(int) for part in parts], axis=0) == 1).all()
    assert sum(len(np.unique(units[part])) for part in parts) == 3000
    assert found.past.mean() == pytest.approx(1 - 0.25 - 1 / 6, abs=0.03)
    assert found.newest.mean() == pytest.approx(0.25, abs=0.03)


def test_another_salt_chooses_other_units():
    """With the same salt, a twin trained on nine tenths would take every training row."""
    units = np.arange(2000).astype(str)

    one, other = (split.place(units, salt) < 0.5 for salt in ("split", "twin"))

    assert (one & other).mean() == pytest.approx(0.25, abs=0.03)


def test_a_label_that_looks_across_a_border_is_on_neither_side():
    when = np.datetime64("2025-01-01T00:00:00") + np.arange(2400) * np.timedelta64(3600, "s")

    found = split.by_time(when, timedelta(hours=5))

    assert 2400 - sum(part.sum() for part in found.parts.values()) == 10
    assert str(when[found.newest].min()) == found.newest_from


FEW = {
    "a slice without rows": (
        Target("regression"),
        lambda place: place,
        r"the 300 rows with a label \(labels.sql\) include only 0 newest rows; at least 20 of each are",
    ),
    "numbers that are all equal": (
        Target("regression"),
        lambda place: place * 0 + 3.5,
        r"label \(labels.sql\) is 3.5 in all 300 rows; at least 1 must differ",
    ),
    "one outcome": (
        Target("binary"),
        lambda place: place < 0,
        r"label \(labels.sql\) is false in all 300 rows; at least 20 of a second value are needed",
    ),
    "one class in one slice": (
        WEATHER,
        lambda place: np.where(place < 200, place % 2, 1),
        r"label \(labels.sql\) is wet in all 100 newest rows; at least 20 of a second value are needed",
    ),
    "a class that is too rare": (
        WEATHER,
        lambda place: np.where(place < 100, place % 50 > 0, place % 2),
        r"is wet in 98 of the 100 past rows, dry in only 2; at least 20 of a second value are needed",
    ),
}


@pytest.mark.parametrize(("target", "outcome", "message"), FEW.values(), ids=FEW)
def test_too_few_rows_are_refused(target, outcome, message):
    place = np.arange(300)
    newest = place >= (300 if "only 0 newest" in message else 200)
    slices = split.Slices(place < 100, (place >= 100) & (place < 200), newest, place, "units", None)

    with pytest.raises(DataError, match=f"ML005.*{message}"):
        split.require_enough(slices, outcome(place), target)


def test_every_slice_with_too_few_rows_is_counted():
    place = np.arange(10)
    slices = split.Slices(place < 6, (place >= 6) & (place < 7), place >= 7, place, "units", None)

    with pytest.raises(
        DataError, match=r"the 10 rows .* only 6 past, 1 validation, 3 newest rows; at least 20"
    ):
        split.require_enough(slices, place % 2 == 0, Target("binary"))


@pytest.mark.parametrize("target", [Target("regression"), WEATHER], ids=["numbers", "classes"])
@pytest.mark.parametrize(("rows", "enough"), [(20, True), (19, False)])
def test_twenty_rows_will_do_of_classes_of_two_of_them(target, rows, enough):
    place = np.arange(200 + rows * (2 if target is WEATHER else 1))
    slices = split.Slices(place < 100, (place >= 100) & (place < 200), place >= 200, place, "units", None)

    with (
        nullcontext()
        if enough
        else pytest.raises(DataError, match=r"ML005.*(only 19 newest rows|in only 19)")
    ):
        split.require_enough(slices, place % 2 if target is WEATHER else place, target)


def test_classes_need_two_that_occur_often_enough():
    place = np.arange(300)
    slices = split.Slices(place < 100, (place >= 100) & (place < 200), place >= 200, place, "units", None)

    split.require_enough(slices, np.where(place % 100 == 0, 2, place % 2), WEATHER)  # one is rare

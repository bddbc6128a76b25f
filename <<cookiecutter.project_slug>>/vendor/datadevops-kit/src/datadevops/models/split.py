"""Divide rows by time into those to learn from and those to judge on.

In:       the time and the outcome of each row.
Out:      past, validation and newest rows, by whole days.
Failure:  DataError ML005 (too few rows of one outcome to learn from, or to judge on).
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .gate import Truths

NEWEST = 0.25  # share of the time that a model is judged on and never learns from
VALIDATION = 1 / 6  # share of the time before it, on which the threshold is chosen
FEWEST = 20  # rows of each outcome that every slice must have

Times = npt.NDArray[np.datetime64]


def by_time(when: Times, y: Truths, horizon: timedelta) -> tuple[dict[str, Truths], np.datetime64]:
    """Truths (n,) for `past`, `validation` and `newest` rows; and the first day of the newest.

    A row whose label looks across a border belongs to neither side.
    """
    if not len(y):
        raise DataError("ML005", "not one row has a label", "see in labels.sql when the outcome is known")
    start, end = when.min(), when.max()
    first, second = (
        (start + (end - start) * share).astype("datetime64[D]").astype("datetime64[s]")
        for share in (1 - NEWEST - VALIDATION, 1 - NEWEST)
    )
    slices = {
        "past": when < first - horizon,
        "validation": (when >= first) & (when < second - horizon),
        "newest": when >= second,
    }
    for name, part in slices.items():
        if (few := min(y[part].sum(), (~y[part]).sum())) < FEWEST:
            text = f"the {name} rows hold {few} of one outcome; {FEWEST} are the fewest to learn from"
            raise DataError("ML005", text, "give a source that covers more time")
    return slices, second

"""Divide rows by time into those for training and those for evaluation.

In:       the time and the outcome of each row.
Out:      past, validation and newest rows, by whole days.
Failure:  DataError ML005 (too few rows of one outcome for training or evaluation).
"""

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .gate import Truths

NEWEST = 0.25  # share of the time that is for evaluation only, never for training
VALIDATION = 1 / 6  # share of the time before that, for choosing the threshold
FEWEST = 20  # rows of each outcome that every slice must have

Times = npt.NDArray[np.datetime64]


def by_time(when: Times, y: Truths, horizon: timedelta) -> tuple[dict[str, Truths], np.datetime64]:
    """Truths (n,) for `past`, `validation` and `newest` rows; and the first day of the newest.

    A row whose label looks across a border is on neither side.
    """
    if not len(y):
        raise DataError("ML005", "no row has a label", "check in labels.sql when the outcome is known")
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
            text = f"the {name} rows have only {few} of one outcome; at least {FEWEST} are needed"
            raise DataError("ML005", text, "deliver a source that covers more time")
    return slices, second

"""Divide rows into those for training and those for evaluation.

In:       the time of each row.
Out:      `Slices`: past, validation and newest rows, by whole days.
Failure:  DataError ML005 (too few rows for training or evaluation).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .losses import Outcomes

NEWEST = 0.25  # share of the time that is for evaluation only, never for training
VALIDATION = 1 / 6  # share of the time before that, for choosing the threshold or the intervals
FEWEST = 20  # rows that every slice must have; with classes, of at least two of them

Truths = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Slices:
    """All arrays (n,)."""

    past: Truths
    validation: Truths
    newest: Truths
    block: npt.NDArray[Any]  # rows of one block are not independent of each other
    blocks: str  # what a block is
    newest_from: str  # the first day of the newest rows

    @property
    def parts(self) -> dict[str, Truths]:
        return {"past": self.past, "validation": self.validation, "newest": self.newest}


def by_time(when: Times, horizon: timedelta) -> Slices:
    """Slices by whole days. A row whose label looks across a border is on neither side."""
    start, end = when.min(), when.max()
    first, second = (
        (start + (end - start) * share).astype("datetime64[D]").astype("datetime64[s]")
        for share in (1 - NEWEST - VALIDATION, 1 - NEWEST)
    )
    return Slices(
        past=when < first - horizon,
        validation=(when >= first) & (when < second - horizon),
        newest=when >= second,
        block=when.astype("datetime64[D]"),
        blocks="days",
        newest_from=str(second),
    )


def require_enough(slices: Slices, y: Outcomes, kind: str) -> None:
    """Raise DataError ML005 if a slice has too few rows to learn from or to evaluate on."""
    for name, part in slices.parts.items():
        few, what = int(part.sum()), ""
        if kind != "regression":
            counts = np.sort(np.unique(y[part], return_counts=True)[1])
            few, what = (int(counts[-2]) if len(counts) > 1 else 0), " of one outcome"
        elif few and np.ptp(y[part]) == 0:
            few, what = 0, " with another outcome than the rest"
        if few < FEWEST:
            text = f"the {name} rows have only {few}{what}; at least {FEWEST} are needed"
            raise DataError("ML005", text, "deliver a source that covers more")

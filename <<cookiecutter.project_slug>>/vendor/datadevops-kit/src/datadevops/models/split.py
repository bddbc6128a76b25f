"""Divide rows into those for training and those for evaluation.

In:       the key of each row.
Out:      `Slices`: past, validation and newest rows, by whole days; without a time by units, as persons.
Failure:  DataError ML005 (too few rows for training or evaluation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.columns import Columns, joined
from ..errors import DataError
from .losses import Outcomes

NEWEST = 0.25  # share of the time, or of the units, that is for evaluation only, never for training
VALIDATION = 1 / 6  # share before that, for choosing the threshold or the intervals
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
    blocks: str  # what a block is: "days" or "units"
    newest_from: str | None  # the first day of the newest rows

    @property
    def parts(self) -> dict[str, Truths]:
        return {"past": self.past, "validation": self.validation, "newest": self.newest}


def slices(rows: Columns, time: str | None, units: Sequence[str], horizon: timedelta) -> Slices:
    """Slices by the column `time`; without one by the columns that say which unit a row is of."""
    if time:
        return by_time(rows[time], horizon)
    return by_unit(blocks(rows, None, units))


def blocks(rows: Columns, time: str | None, units: Sequence[str]) -> npt.NDArray[Any]:
    """Which rows belong together: their day, or their unit as text."""
    if time:
        return np.asarray(rows[time].astype("datetime64[D]"))
    return joined([rows[name] for name in units])


def place(units: npt.NDArray[Any], salt: str) -> npt.NDArray[np.float64]:
    """A place from 0 to 1 for each unit, the same on every machine and for ever. Each use has another salt:
    otherwise a second choice takes the same units.

    >>> place(np.array(["a", "b", "a"]), "split").round(3)
    array([0.283, 0.461, 0.283])
    """
    known, of_row = np.unique(units, return_inverse=True)
    digests = [sha256(f"{salt}:{unit}".encode()).digest() for unit in known.tolist()]
    return np.array([int.from_bytes(digest[:8], "big") / 2**64 for digest in digests])[of_row]


def by_unit(units: npt.NDArray[Any]) -> Slices:
    """Slices by units: all rows of a unit are in one slice."""
    where = place(units, "split")
    past, newest = where < 1 - NEWEST - VALIDATION, where >= 1 - NEWEST
    return Slices(
        past=past,
        validation=~(past | newest),
        newest=newest,
        block=units,
        blocks="units",
        newest_from=None,
    )


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

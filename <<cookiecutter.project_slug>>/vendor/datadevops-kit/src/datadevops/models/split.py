"""Divide rows into those for training and those for evaluation.

In:       the key of each row.
Out:      `Slices`: past, validation and newest rows, by whole days; without a time by units, as persons.
Failure:  DataError ML005 (too few rows for training or evaluation, or labels that hardly vary).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.target import LABEL, Target
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


def require_enough(slices: Slices, y: Outcomes, target: Target) -> None:
    """Raise DataError ML005 if a slice has too few rows to learn from or to evaluate on, or if its label
    hardly varies."""
    parts = {name: y[part] for name, part in slices.parts.items()}
    if few := [f"{len(mine):,} {name}" for name, mine in parts.items() if len(mine) < FEWEST]:
        text = f"the {len(y):,} rows with a {LABEL} (labels.sql) include only {', '.join(few)} rows"
        hint = "deliver a source that covers more, or correct labels.sql if more outcomes are known"
        raise DataError("ML005", f"{text}; at least {FEWEST} of each are needed", hint)
    whole = _too_equal(y, "rows", target)
    each = [whole] if whole else [_too_equal(mine, f"{name} rows", target) for name, mine in parts.items()]
    if same := list(filter(None, each)):
        hint = "correct labels.sql if these labels are wrong, or deliver a source with other outcomes"
        raise DataError("ML005", "\n  ".join(same), hint)


def _too_equal(y: Outcomes, rows: str, target: Target) -> str:
    """A sentence if too few of the labels `y` differ from the most frequent one; else empty."""
    values, counts = np.unique(y, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    words, counts = [_word(values[place], target) for place in order[:2]], counts[order]
    needed = 1 if target.kind == "regression" else FEWEST
    second = int(counts[1]) if len(counts) > 1 else 0
    if second >= needed:
        return ""
    needs = "at least 1 must differ" if needed == 1 else f"at least {needed} of a second value are needed"
    found = f"in all {len(y):,} {rows}"
    if second:
        found = f"in {counts[0]:,} of the {len(y):,} {rows}, {words[1]} in only {second}"
    return f"{LABEL} (labels.sql) is {words[0]} {found}; {needs}"


def _word(value: Any, target: Target) -> str:
    """A label as the contract writes it."""
    if target.kind == "binary":
        return "true" if value else "false"
    return target.classes[value] if target.kind == "classes" else f"{value:g}"

"""Naive forecasts, and what they may know.

In:       the baselines of model.py; rows with a known outcome, their slices.
Out:      a forecast of each baseline for the asked rows; never from their own outcomes.
Failure:  ContractError ML002 (a baseline reads an unknown column, or returns no forecast of its kind).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.target import Target
from ..engine.columns import Cells, Columns, joined
from ..errors import ContractError
from .definition import Definition
from .losses import Floats, Loss, Outcomes
from .split import Times, Truths

SHRINK = 10  # rows: a cell of the past with few rows leans on the whole by this weight
SHAPES = {
    "binary": "one probability, 0 to 1, for each row",
    "classes": "probabilities, 0 to 1, of each class for each row, which add up to 1",
    "regression": "one number for each row",
}


def usual(outcomes: Outcomes, past: Cells, rows: Cells, median: bool = False) -> Floats:
    """The usual outcome of past rows with the same cell, as a forecast of `rows`.

    `past` and `rows`: a column each, or several; `outcomes` as a baseline gets them. It is the mean, which is
    a frequency for yes or no and for classes; a cell with few past rows leans on the mean of all.
    `median`: the median, for numbers with `VALUE = "median"`; that of all for a cell that the past has not.

    >>> usual(np.array([1.0, 3.0]), np.array(["a", "a"]), np.array(["a", "b"]))
    array([2., 2.])
    """
    known, of_row = np.unique(joined(past), return_inverse=True)
    asked = joined(rows)
    if not len(known):
        raise ValueError("there are no past rows")
    at = np.searchsorted(known, asked).clip(0, len(known) - 1)
    seen = known[at] == asked
    whole = np.median(outcomes, axis=0) if median else outcomes.mean(axis=0)
    if median:
        return np.where(seen, _medians(outcomes, of_row)[at], whole)
    table = np.asarray(outcomes, dtype=np.float64).reshape(len(outcomes), -1)  # (n, k)
    sums = np.stack([np.bincount(of_row, column) for column in table.T], axis=1)
    counts = np.bincount(of_row)[:, np.newaxis]
    means = (sums + SHRINK * whole) / (counts + SHRINK)
    found = np.where(seen[:, np.newaxis], means[at], whole)
    return np.asarray(found.reshape(len(asked), *outcomes.shape[1:]), dtype=np.float64)


def _medians(outcomes: Outcomes, cell: npt.NDArray[np.int_]) -> Floats:
    """The median outcome of each cell; `cell`: that of each row, from 0 on, none without a row.

    >>> _medians(np.array([5.0, 1.0, 9.0, 3.0]), np.array([0, 0, 1, 0]))
    array([3., 9.])
    """
    rows = np.bincount(cell)
    ordered = outcomes[np.lexsort((outcomes, cell))].astype(np.float64)  # cell by cell, the smallest first
    first = np.cumsum(rows) - rows
    low, high = ordered[first + (rows - 1) // 2], ordered[first + rows // 2]
    return np.asarray((low + high) / 2, dtype=np.float64)


def last_known(
    when: Times, group: npt.NDArray[Any] | None, y: npt.NDArray[Any], horizon: timedelta
) -> np.ma.MaskedArray[Any, Any]:
    """The newest outcome of the same group that was known at the time of each row; masked if none was."""
    place = np.empty(len(y), dtype=np.intp)
    known_at = when + np.timedelta64(horizon)
    names = np.zeros(len(y)) if group is None else group
    groups = np.unique(names.astype(str), return_inverse=True)[1]
    for each in range(groups.max(initial=-1) + 1):
        mine = np.flatnonzero(groups == each)
        mine = mine[np.argsort(when[mine], kind="stable")]
        newest = np.searchsorted(known_at[mine], when[mine], side="right") - 1
        if horizon <= timedelta(0):  # never its own outcome
            newest = np.searchsorted(when[mine], when[mine], side="left") - 1
        place[mine] = np.where(newest >= 0, mine[newest], -1)
    return np.ma.masked_array(y[place], place < 0)


def forecasts(
    model: Definition, target: Target, rows: Columns, y: Outcomes, known: Truths, asked: Truths
) -> dict[str, Floats]:
    """The forecast of each baseline for the `asked` rows, from the `known` rows and their outcomes.

    The outcomes of classes come as truths (n, k), one column for each class in the order of the contract.
    """
    past, now = ({name: column[part] for name, column in rows.items()} for part in (known, asked))
    outcomes = y[known]
    if target.kind == "classes":
        outcomes = np.eye(len(target.classes), dtype=bool)[outcomes]
    found = {}
    for name, baseline in model.baselines.items():
        try:
            forecast = baseline(past, outcomes, now)
        except KeyError as error:
            text = f"model.py: {name} reads a column {error} that the features do not have"
            raise ContractError("ML002", text, f"use one of {', '.join(now)}") from None
        found[name] = _checked(name, forecast, target, int(asked.sum()))
    return found


def best(loss: Loss, y: Outcomes, forecasts: Mapping[str, Floats]) -> Floats:
    """The losses of the baseline that has the smallest ones."""
    return min((loss.of_rows(y, each) for each in forecasts.values()), key=lambda each: float(each.mean()))


def _checked(name: str, forecast: Any, target: Target, rows: int) -> Floats:
    found = np.ma.filled(np.ma.asarray(forecast, dtype=np.float64), np.nan)
    good = found.shape == ((rows, len(target.classes)) if target.classes else (rows,))
    good = good and bool(np.isfinite(found).all())
    if good and target.kind != "regression":
        good = bool(((found >= 0) & (found <= 1)).all())
        good = good and (not target.classes or bool(np.allclose(found.sum(axis=1), 1, atol=1e-6)))
    if not good:
        text = f"model.py: {name} does not return {SHAPES[target.kind]}, but {found.shape}"
        raise ContractError("ML002", text, "`usual` of datadevops.models returns such a forecast")
    return found

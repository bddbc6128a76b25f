# The template's file: edits here meet template updates (copier update merges them).
"""May a candidate become champion? Judged on rows newer than all it has learnt from.

In:       outcomes of the newest slice; probabilities of the candidate, of the naive baseline and of
          the present champion; the team's limits.
Out:      one `Check` a rule: the figure, its bound, the answer.

Average precision and Brier score decide, each with an interval over whole days: the hours of one
day are not independent. F1 does not: against "as it is now" it is a coin toss.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, brier_score_loss

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
DRAWS = 300


@dataclass(frozen=True)
class Limits:
    champion_loss: float  # average precision that may be lost against the champion
    group_gap: float  # average precision a group may lie below the whole
    calibration_error: float  # mean distance of forecast and frequency, 0 to 1


@dataclass(frozen=True)
class Check:
    name: str
    figure: str
    bound: str
    passed: bool | None  # None: it could not be made, which is not green


@dataclass(frozen=True)
class Slice:
    """The newest rows: all arrays (n,)."""

    outcome: Truths
    candidate: Floats  # probabilities, as the others
    naive: Floats
    champion: Floats | None  # None: there is none, or it cannot score these rows
    day: npt.NDArray[Any]
    group: npt.NDArray[Any]


def judge(rows: Slice, limits: Limits, has_champion: bool) -> list[Check]:
    """Every check of the gate; the candidate passes if all have passed."""
    return [
        *_beats_naive(rows),
        *_keeps_up_with_champion(rows, limits, has_champion),
        *_serves_every_group(rows, limits),
        _is_calibrated(rows, limits),
    ]


def _beats_naive(rows: Slice) -> Iterator[Check]:
    for name, gain in (
        ("average precision above the naive baseline", precision_gain),
        ("Brier score below the naive baseline", brier_gain),
    ):
        low, high = interval(rows.outcome, rows.candidate, rows.naive, rows.day, gain)
        yield Check(name, f"{low:+.4f} .. {high:+.4f}", "> 0", low > 0)


def _keeps_up_with_champion(rows: Slice, limits: Limits, has_champion: bool) -> Iterator[Check]:
    name, bound = "average precision against the champion", f">= -{limits.champion_loss}"
    if rows.champion is not None:
        low, high = interval(rows.outcome, rows.candidate, rows.champion, rows.day, precision_gain)
        yield Check(name, f"{low:+.4f} .. {high:+.4f}", bound, low >= -limits.champion_loss)
    elif has_champion:
        yield Check(name, "NOT RUN: it takes other columns", bound, None)


def _serves_every_group(rows: Slice, limits: Limits) -> Iterator[Check]:
    whole = average_precision_score(rows.outcome, rows.candidate)
    for group in sorted(set(rows.group)):
        mine = rows.group == group
        figure = average_precision_score(rows.outcome[mine], rows.candidate[mine])
        bound = whole - limits.group_gap
        yield Check(
            f"average precision, {group}", f"{figure:.4f}", f">= {bound:.4f}", figure >= bound
        )


def _is_calibrated(rows: Slice, limits: Limits) -> Check:
    error = calibration_error(rows.outcome, rows.candidate)
    bound = f"<= {limits.calibration_error}"
    return Check("calibration error", f"{error:.4f}", bound, error <= limits.calibration_error)


def precision_gain(outcome: Truths, one: Floats, other: Floats, weight: Floats) -> float:
    """Average precision of `one` minus that of `other`; rows (n,) count by their weight."""
    mine = average_precision_score(outcome, one, sample_weight=weight)
    return float(mine - average_precision_score(outcome, other, sample_weight=weight))


def brier_gain(outcome: Truths, one: Floats, other: Floats, weight: Floats) -> float:
    """By how much the Brier score (mean squared error of a probability) of `one` is lower."""
    theirs = brier_score_loss(outcome, other, sample_weight=weight)
    return float(theirs - brier_score_loss(outcome, one, sample_weight=weight))


def interval(
    outcome: Truths,
    one: Floats,
    other: Floats,
    day: npt.NDArray[Any],
    gain: Callable[[Truths, Floats, Floats, Floats], float],
) -> tuple[float, float]:
    """95 % interval of `gain` over whole days drawn with replacement (block bootstrap)."""
    days, of_row = np.unique(day, return_inverse=True)
    rng = np.random.default_rng(0)
    gains: list[float] = []
    while len(gains) < DRAWS:
        weight = np.bincount(rng.integers(0, len(days), len(days)), minlength=len(days))[of_row]
        if outcome[weight > 0].any():  # a draw without a single event measures nothing
            gains.append(gain(outcome, one, other, weight.astype(np.float64)))
    low, high = np.quantile(gains, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(outcome: Truths, probability: Floats) -> float:
    """Expected calibration error: over ten equal bins of probability, the mean distance between
    forecast and frequency, weighted by rows. 0 to 1, without unit."""
    bins = np.minimum((probability * 10).astype(int), 9)
    rows = np.bincount(bins, minlength=10)
    gap = np.bincount(bins, outcome - probability, minlength=10)  # sum of the differences in a bin
    return float(np.abs(gap).sum() / rows.sum())

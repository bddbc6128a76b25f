# The template's file: edits here meet template updates (copier update merges them).
"""May a candidate become champion? Judged on rows newer than all it has learnt from.

In:       outcomes of the newest rows; probabilities of the candidate, of the naive baseline and of
          the present champion; the team's limits.
Out:      one `Check` a rule: the figure, its bound, the answer.

Average precision and Brier score decide, each with an interval over whole days: the hours of one
day are not independent. F1 does not: against "as it is now" it is a coin toss.
"""

from collections.abc import Callable
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
class Newest:
    """The rows to judge on: all arrays (n,)."""

    outcome: Truths
    candidate: Floats  # probabilities, as the others
    naive: Floats
    champion: Floats | None  # None: there is none, or it cannot score these rows
    day: npt.NDArray[Any]
    group: npt.NDArray[Any]


def judge(rows: Newest, limits: Limits, has_champion: bool) -> list[Check]:
    """Every check of the gate; the candidate passes if all have passed."""
    checks = [
        _gain("average precision above the naive baseline", rows, rows.naive, average_precision_score, 1, 0),
        _gain("Brier score below the naive baseline", rows, rows.naive, brier_score_loss, -1, 0),
    ]
    against = "average precision against the champion"
    if rows.champion is not None:
        least = -limits.champion_loss
        checks.append(_gain(against, rows, rows.champion, average_precision_score, 1, least))
    elif has_champion:
        checks.append(Check(against, "NOT RUN: it takes other columns", f"> -{limits.champion_loss}", None))
    least = average_precision_score(rows.outcome, rows.candidate) - limits.group_gap
    for group in np.unique(rows.group):
        mine = rows.group == group
        if not rows.outcome[mine].any():
            checks.append(Check(f"average precision, {group}", "NOT RUN: no event", f"> {least:.4f}", None))
            continue
        figure = average_precision_score(rows.outcome[mine], rows.candidate[mine])
        checks.append(
            Check(f"average precision, {group}", f"{figure:.4f}", f"> {least:.4f}", bool(figure > least))
        )
    error, most = calibration_error(rows.outcome, rows.candidate), limits.calibration_error
    return [*checks, Check("calibration error", f"{error:.4f}", f"< {most}", error < most)]


def _gain(
    name: str, rows: Newest, other: Floats, score: Callable[..., float], sign: int, least: float
) -> Check:
    low, high = interval(rows.outcome, rows.candidate, other, rows.day, score)
    low, high = sorted((sign * low, sign * high))
    return Check(name, f"{low:+.4f} .. {high:+.4f}", f"> {least}", low > least)


def interval(
    outcome: Truths, one: Floats, other: Floats, day: npt.NDArray[Any], score: Callable[..., float]
) -> tuple[float, float]:
    """95 % interval of score(one) - score(other), over whole days drawn with replacement."""
    days, of_row = np.unique(day, return_inverse=True)
    rng = np.random.default_rng(0)
    gains: list[float] = []
    while len(gains) < DRAWS:
        weight = np.bincount(rng.integers(0, len(days), len(days)), minlength=len(days))[of_row]
        if outcome[weight > 0].any():  # a draw without a single event measures nothing
            gains.append(
                score(outcome, one, sample_weight=weight) - score(outcome, other, sample_weight=weight)
            )
    low, high = np.quantile(gains, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(outcome: Truths, probability: Floats) -> float:
    """Expected calibration error: over ten equal bins of probability, the mean distance between
    forecast and frequency, weighted by rows. 0 to 1, without unit.

    >>> calibration_error(np.array([True, False]), np.array([0.5, 0.5]))
    0.0
    """
    bins = np.minimum((probability * 10).astype(int), 9)
    gap = np.bincount(bins, outcome - probability, minlength=10)  # sum of the differences in a bin
    return float(np.abs(gap).sum() / len(outcome))

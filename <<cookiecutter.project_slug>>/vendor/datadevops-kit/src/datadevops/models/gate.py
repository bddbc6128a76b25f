"""May a candidate become champion? It is evaluated on rows newer than all its training rows.

In:       outcomes of the newest rows; probabilities of the candidate, of each naive baseline and of the
          current champion; the team's limits.
Out:      one `Check` for each rule: the figure, its bound, the result.

Average precision and Brier score decide, each with an interval over whole days: the hours of one
day are not independent. F1 does not decide: against persistence it is a coin toss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Score = Callable[[Truths, Floats, Floats], Floats]  # (n,), (n,), weights (m, n) -> (m,)
DRAWS = 300


@dataclass(frozen=True)
class Limits:
    champion_loss: float  # how much average precision the candidate may lose against the champion
    group_gap: float  # how far the average precision of a group may be below that of all rows
    calibration_error: float  # mean distance of forecast and frequency, 0 to 1


@dataclass(frozen=True)
class Check:
    name: str
    figure: str
    bound: str
    passed: bool | None  # None: the check could not be run, which is not green


@dataclass(frozen=True)
class Newest:
    """The rows to evaluate on: all arrays (n,)."""

    outcome: Truths
    candidate: Floats  # probabilities, like the next two
    baselines: dict[str, Floats]  # by name
    champion: Floats | None  # None: there is none, or it cannot score these rows
    day: npt.NDArray[Any]
    group: npt.NDArray[Any]
    groups: Sequence[str]  # all that features have at any time; each must be evaluated


def judge(rows: Newest, limits: Limits, has_champion: bool) -> list[Check]:
    """Every check of the gate; the candidate passes if all have passed."""
    name, against = "average precision", "average precision against the champion"
    checks = []
    for baseline, forecast in rows.baselines.items():
        checks.append(_gain(f"{name} above {baseline}", rows, forecast, average_precision, 0))
        checks.append(_gain(f"Brier score below {baseline}", rows, forecast, brier_skill, 0))
    if rows.champion is not None:
        checks.append(_gain(against, rows, rows.champion, average_precision, -limits.champion_loss))
    elif has_champion:
        checks.append(Check(against, "NOT RUN: it needs other columns", f"> -{limits.champion_loss}", None))
    every = np.ones((1, len(rows.outcome)))
    least = average_precision(rows.outcome, rows.candidate, every)[0] - limits.group_gap
    for group in rows.groups:
        mine = rows.group.astype(str) == group
        answer, passed = "NOT RUN: no event" if mine.any() else "NOT RUN: no newest row", None
        if rows.outcome[mine].any():
            figure = average_precision(rows.outcome, rows.candidate, every * mine)[0]
            answer, passed = f"{figure:.4f}", bool(figure > least)
        checks.append(Check(f"{name}, {group}", answer, f"> {least:.4f}", passed))
    error, most = calibration_error(rows.outcome, rows.candidate), limits.calibration_error
    return [*checks, Check("calibration error", f"{error:.4f}", f"< {most}", error < most)]


def _gain(name: str, rows: Newest, other: Floats, score: Score, least: float) -> Check:
    low, high = interval(rows.outcome, rows.candidate, other, rows.day, score)
    return Check(name, f"{low:+.4f} .. {high:+.4f}", f"> {least}", low > least)


def interval(
    outcome: Truths, one: Floats, other: Floats, day: npt.NDArray[Any], score: Score
) -> tuple[float, float]:
    """95 % interval of score(one) - score(other), over whole days drawn with replacement."""
    days, of_row = np.unique(day, return_inverse=True)
    drawn = np.random.default_rng(0).multinomial(len(days), np.full(len(days), 1 / len(days)), DRAWS)
    gains = []
    for part in np.array_split(drawn, DRAWS // 10):  # in parts: all at once takes 2.4 GB for a million rows
        weight = part[:, of_row].astype(np.float64)  # (10, n): how often a row counts
        weight = weight[weight @ outcome > 0]  # a draw without events measures nothing
        gains.append(score(outcome, one, weight) - score(outcome, other, weight))
    low, high = np.quantile(np.concatenate(gains), (0.025, 0.975))
    return float(low), float(high)


def curve(outcome: Truths, probability: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(recall, precision) for each row of weights (m, n), at each of k thresholds from the highest to
    the lowest: two of (m, k)."""
    order = np.argsort(-probability, kind="stable")
    last = np.append(np.diff(probability[order]) != 0, True)  # equal probabilities share one threshold
    weight = weight[:, order]
    found, asked = (np.cumsum(w, axis=1)[:, last] for w in (weight * outcome[order], weight))
    return found / found[:, -1:], found / np.maximum(asked, 1e-12)


def average_precision(outcome: Truths, probability: Floats, weight: Floats) -> Floats:
    """As scikit-learn's average_precision_score, for each row of weights (m, n) at once: (m,)."""
    recall, precision = curve(outcome, probability, weight)
    return np.asarray((precision * np.diff(recall, prepend=0)).sum(axis=1), dtype=np.float64)


def brier_skill(outcome: Truths, probability: Floats, weight: Floats) -> Floats:
    """The Brier score (mean squared error of a probability) with its sign changed: more is better."""
    return np.asarray(-weight @ (probability - outcome) ** 2 / weight.sum(axis=1), dtype=np.float64)


def calibration_error(outcome: Truths, probability: Floats) -> float:
    """Expected calibration error: over ten equal bins of probability, the mean distance between
    forecast and frequency, weighted by rows. 0 to 1, without unit.

    >>> calibration_error(np.array([True, False]), np.array([0.5, 0.5]))
    0.0
    """
    bins = np.minimum((probability * 10).astype(int), 9)
    gap = np.bincount(bins, outcome - probability, minlength=10)  # sum of the differences in a bin
    return float(np.abs(gap).sum() / len(outcome))

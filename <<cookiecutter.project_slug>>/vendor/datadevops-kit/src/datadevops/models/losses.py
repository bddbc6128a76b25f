"""The loss that decides, for each kind of target; skill against another forecast, with its interval.

In:       outcomes and forecasts of rows; the block of each row: its day, or the unit it belongs to.
Out:      a loss for each row (n,); skill = 1 - loss / loss of the other, 1 is perfect, 0 is no better.

The losses are proper: no forecast has a smaller mean than the true probability, mean or median (Gneiting and
Raftery, 2007). Rows of one day are not independent, so the interval draws whole blocks with replacement.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Outcomes = npt.NDArray[Any]  # truths, places of classes, or values: (n,)
Value = Literal["mean", "median"]

LEAST = 1e-4  # no probability below it is scored, so that one surprise does not decide alone
DRAWS = 300
MOST_BLOCKS = 2_000  # more are drawn together, several at a time: 300 draws of a million take 2.4 GB


class Loss(NamedTuple):
    name: str
    of_rows: Callable[[Outcomes, Floats], Floats]


def brier(outcome: Outcomes, forecast: Floats) -> Floats:
    return np.asarray((forecast - outcome) ** 2, dtype=np.float64)


def log_loss(outcome: Outcomes, forecast: Floats) -> Floats:
    """forecast: (n, k); outcome: the place of the class, (n,)."""
    said = forecast[np.arange(len(outcome)), outcome]
    return np.asarray(-np.log(said.clip(LEAST, 1)), dtype=np.float64)


def absolute(outcome: Outcomes, forecast: Floats) -> Floats:
    return np.abs(forecast - outcome)


BRIER, LOG = Loss("Brier score", brier), Loss("log loss", log_loss)
SQUARED, ABSOLUTE = Loss("squared error", brier), Loss("absolute error", absolute)


def deciding(kind: str, value: Value = "mean") -> Loss:
    """The loss that decides; a number has that of what is forecast, its mean or its median."""
    if kind == "regression":
        return ABSOLUTE if value == "median" else SQUARED
    return BRIER if kind == "binary" else LOG


def ratio(above: Floats, below: Floats, block: npt.NDArray[Any]) -> tuple[float, float, float]:
    """sum(above) / sum(below) of values (n,), and the ends of its 95 % interval over blocks."""
    known, of_row = np.unique(block, return_inverse=True)
    count = min(len(known), MOST_BLOCKS)
    sums = np.stack([np.bincount(of_row % count, each, count) for each in (above, below)])  # (2, blocks)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), DRAWS)
    top, bottom = sums @ drawn.T
    low, high = np.quantile(top / np.maximum(bottom, 1e-300), (0.025, 0.975))
    return float(above.sum() / max(below.sum(), 1e-300)), float(low), float(high)


def skill(mine: Floats, other: Floats, block: npt.NDArray[Any]) -> tuple[float, float, float]:
    """1 - loss / loss of the other, from losses of rows (n,), and the ends of its 95 % interval.

    >>> skill(np.array([1.0, 1.0]), np.array([2.0, 2.0]), np.array([0, 1]))
    (0.5, 0.5, 0.5)
    """
    share, low, high = ratio(mine, other, block)
    return 1 - share, 1 - high, 1 - low


def calibration_error(probability: Floats, right: Outcomes) -> float:
    """Expected calibration error: over ten equal bins of probability, the mean distance between
    forecast and frequency, weighted by rows. 0 to 1, without unit.

    >>> calibration_error(np.array([0.5, 0.5]), np.array([True, False]))
    0.0
    """
    bins = np.minimum((probability * 10).astype(int), 9)
    gap = np.bincount(bins, right - probability, minlength=10)  # sum of the differences in a bin
    return float(np.abs(gap).sum() / len(right))


def calibration_by_chance(probability: Floats) -> float:
    """The error that a perfectly calibrated forecast shows on these few rows in one of twenty cases."""
    random = np.random.default_rng(0)
    draws = [
        calibration_error(probability, random.random(len(probability)) < probability) for _ in range(200)
    ]
    return float(np.quantile(draws, 0.95))

"""90 % intervals of a number, from the errors on rows that the model has not seen (split conformal).

In:       forecasts and outcomes of the validation rows, (n,).
Out:      the facts `intervals`; the low and high end for each forecast.

Source: Lei et al. (2018), Distribution-free predictive inference for regression: ranks of n + 1. One width
for all rows hides failures (on prices of diamonds it covers 63 % of the dearest fifth), hence five bins.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COVERED = 0.9  # share of the outcomes that lie in their interval
BINS, FEWEST = 5, 100  # bins of the forecast, if each has so many validation rows; otherwise one


def fit(forecast: Floats, outcome: Floats) -> dict[str, list[float]]:
    """{"edges": between the bins, "low", "high": what is added to a forecast, of each bin}."""
    edges = np.unique(np.quantile(forecast, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, forecast)
    if np.bincount(bins, minlength=BINS).min() < FEWEST:
        edges, bins = edges[:0], np.zeros(len(forecast), dtype=int)
    ends = [_ends(np.sort((outcome - forecast)[bins == each])) for each in range(len(edges) + 1)]
    return {"edges": edges.tolist(), "low": [low for low, _ in ends], "high": [high for _, high in ends]}


def _ends(errors: Floats) -> tuple[float, float]:
    """What lies between the ranks of n + 1; the interval contains the forecast itself."""
    rank = int((len(errors) + 1) * (1 - COVERED) / 2 + 1e-9)  # of 60: the third from each end
    low, high = errors[max(rank - 1, 0)], errors[-max(rank, 1)]
    return min(float(low), 0.0), max(float(high), 0.0)


def bounds(forecast: Floats, intervals: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The low and the high end for each forecast (n,)."""
    bins = np.searchsorted(intervals["edges"], forecast)
    return forecast + np.array(intervals["low"])[bins], forecast + np.array(intervals["high"])[bins]

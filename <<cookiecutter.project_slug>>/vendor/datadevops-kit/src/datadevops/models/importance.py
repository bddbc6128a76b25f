"""How much each input matters: the skill that a model loses when the input is shuffled among the rows.

In:       a scorer, the newest rows with their outcomes, the naive loss.
Out:      inputs with the skill that they carry, the most important first. It says what this model uses, not
          what causes the outcome.

Inputs that go together (rank correlation of 0.7 or more) are shuffled together: shuffled alone, each looks
useless, because the other tells the same (Breiman, 2001). At most 500,000 rows are scored.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .losses import Floats, Loss, Outcomes

ROWS, SHUFFLES = 5_000, 5
MOST_SCORED = 500_000  # rows, of all inputs and shuffles
TOGETHER = 0.7  # rank correlation


def measure(
    forecast: Callable[[npt.NDArray[np.float32]], Floats],
    x: npt.NDArray[np.float32],
    y: Outcomes,
    names: Sequence[str],
    loss: Loss,
    naive: Floats,
) -> dict[str, Any]:
    """{"rows": scored each time, "inputs": [{"names", "skill", "spread" of the shuffles}]}; x (n, k) and
    y (n,) are in the order of time, and `naive` has the losses of the best baseline."""
    together = clusters(x)
    rows = max(1, min(ROWS, MOST_SCORED // (SHUFFLES * max(len(together), 1))))
    x, y, least = x[-rows:], y[-rows:], max(float(naive[-rows:].mean()), 1e-300)
    before = float(loss.of_rows(y, forecast(x)).mean())
    found = []
    for places in together:
        lost = []
        for seed in range(SHUFFLES):
            shuffled = x.copy()
            order = np.random.default_rng(seed).permutation(len(x))
            shuffled[:, places] = x[order][:, places]
            lost.append((float(loss.of_rows(y, forecast(shuffled)).mean()) - before) / least)
        inputs = [names[place] for place in places]
        found.append({"names": inputs, "skill": float(np.mean(lost)), "spread": float(np.std(lost))})
    return {"rows": len(x), "inputs": sorted(found, key=lambda each: (-each["skill"], each["names"]))}


def clusters(x: npt.NDArray[np.float32]) -> list[list[int]]:
    """The places of the columns of x, those together whose ranks go together with the first of them."""
    ranks = np.column_stack([_ranks(column) for column in x[-ROWS:].T])
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.abs(np.nan_to_num(np.atleast_2d(np.corrcoef(ranks.T)))) >= TOGETHER
    found, left = [], list(range(x.shape[1]))
    while left:
        mine = [place for place in left if place == left[0] or alike[left[0], place]]
        found.append(mine)
        left = [place for place in left if place not in mine]
    return found


def _ranks(column: npt.NDArray[np.float32]) -> Floats:
    """The rank of each value but for a constant, equal ones and nulls with the mean of theirs."""
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - counts / 2)[place], dtype=np.float64)

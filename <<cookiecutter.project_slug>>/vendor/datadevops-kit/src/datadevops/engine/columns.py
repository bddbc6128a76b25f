"""A table by columns, as an engine gives it and a model takes it."""

from typing import Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]  # name -> (n,), masked where null


def filled(column: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers or truths (n,) as floats (n,), null as NaN."""
    return np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)

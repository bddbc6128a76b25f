"""A table by columns, as an engine gives it and a model takes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = dict[str, npt.NDArray[Any]]  # name -> (n,), masked where null
Cells = npt.NDArray[Any] | Sequence[npt.NDArray[Any]]  # a column, or several


def filled(column: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers or truths (n,) as floats (n,), null as NaN."""
    return np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)


def joined(cells: Cells) -> npt.NDArray[np.str_]:
    """The cells of each row as one text (n,), different for different cells; null as `null`."""
    columns = [cells] if isinstance(cells, np.ndarray) else cells
    words = [np.ma.filled(np.ma.asarray(each).astype(object), "null").astype(str) for each in columns]
    found = words[0]
    for each in words[1:]:
        found = np.char.add(np.char.add(found, "\0 "), each)
    return found

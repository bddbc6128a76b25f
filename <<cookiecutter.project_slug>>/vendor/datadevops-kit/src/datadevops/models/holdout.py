"""The newest rows in a file: key, outcome, forecasts of the candidate and of the baselines.

In:       arrays (n,), forecasts of classes (n, k).
Out:      holdout.parquet in the folder of a candidate; the same arrays again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.kinds import listed
from ..engine.columns import Columns
from ..engine.start import Engine
from ..store.versions import Version
from .losses import Floats

HOLDOUT = "holdout.parquet"


def write(
    engine: Engine, folder: Path, keys: Columns, outcome: npt.NDArray[Any], forecasts: Mapping[str, Floats]
) -> None:
    columns = dict(keys) | {"outcome": outcome}
    for name, forecast in forecasts.items():
        parts = [forecast] if forecast.ndim == 1 else forecast.T
        columns |= {_column(name, place, forecast.ndim): part for place, part in enumerate(parts)}
    engine.write_columns(columns, folder / HOLDOUT)


def read(
    engine: Engine, candidate: Version, keys: Sequence[str]
) -> tuple[Columns, npt.NDArray[Any], dict[str, Floats]]:
    """Key columns, outcome and forecasts of a candidate, the candidate's first; ordered by key. The engine
    knows the table `holdout` afterwards."""
    engine.read("holdout", candidate.file(HOLDOUT))
    rows = engine.columns(f"from holdout order by {listed(keys)}")
    names, classes = ["candidate", *candidate.facts["baselines"]], candidate.facts["output"].get("classes")
    forecasts = {
        name: np.column_stack([rows[_column(name, place, 2)] for place in range(len(classes))])
        if classes
        else np.asarray(rows[name])
        for name in names
    }
    return {name: rows[name] for name in keys}, np.ma.getdata(rows["outcome"]), forecasts


def _column(name: str, place: int, dimensions: int) -> str:
    return name if dimensions == 1 else f"{name}_{place}"

"""The rows that a model learns from and is measured on: features with their known outcome, in slices.

In:       an engine with the tables `features` and `labels`; the contracts; the definition of the model.
Out:      `Examples`.
Failure:  DataError ML005 (too few rows to train or evaluate on, an input without any value); ContractError
          ML004 (an input is the number of its row).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..contract.kinds import listed
from ..contract.target import LABEL, Target
from ..contract.values import Contract
from ..engine.columns import Columns
from ..engine.start import Engine
from ..errors import DataError, counted
from . import doubts, scorer, split
from .definition import Definition
from .losses import Outcomes
from .split import Slices


@dataclass(frozen=True)
class Examples:
    """All arrays have a row for each example."""

    rows: Columns  # the features with their key, ordered by time
    inputs: scorer.Inputs
    x: npt.NDArray[np.float32]  # (n, k)
    y: Outcomes  # (n,): truths, places in the enum of the label, or numbers
    slices: Slices
    time: str | None  # the column of the key that says when a row was true

    def span(self) -> list[str] | None:
        """The first and the last time."""
        return [str(edge(self.rows[self.time])) for edge in (np.min, np.max)] if self.time else None


def load(engine: Engine, contract: Contract, target: Target, model: Definition) -> Examples:
    """The examples in the tables of the engine; `contract` is that of the features."""
    doubts.refuse_row_numbers(engine, contract)
    rows, y = _labelled(engine, contract, target)
    inputs = scorer.inputs_of(contract)
    x = scorer.matrix(inputs, rows)
    time = contract.time_key if contract.timed else None
    slices = split.slices(rows, time, model.units, model.horizon)
    split.require_enough(slices, y, target)
    past = x[slices.past]
    if empty := [name for name, column in zip(inputs, past.T, strict=True) if np.isnan(column).all()]:
        text = f"the past rows have no value of {', '.join(empty)}, so the model cannot be trained on it"
        hint = "look in features.sql whether the join that makes it finds any row; else deliver a source"
        raise DataError("ML005", text, f"{hint} that has values, or remove it from the features")
    return Examples(rows, inputs, x, y, slices, time)


def _labelled(engine: Engine, contract: Contract, target: Target) -> tuple[Columns, Outcomes]:
    """The features of rows with a known outcome, ordered by time; the outcomes."""
    keys, first = listed(contract.keys), f'"{contract.time_key}", ' if contract.timed else ""
    rows = engine.columns(
        f"select features.*, {LABEL} from features join labels using ({keys})"
        f" where {LABEL} is not null order by {first}{keys}"
    )
    label = np.ma.getdata(rows.pop(LABEL))  # no baseline may see what it forecasts
    if not len(label):
        ((given,),) = engine.rows("select count(*) from labels")
        text = f"no row of the features has a {LABEL}: labels.sql returns {counted(given, 'row')}"
        raise DataError("ML005", text, "check in labels.sql when the outcome is known")
    if target.kind == "classes":
        places = {word: place for place, word in enumerate(target.classes)}
        return rows, np.array([places[word] for word in label.tolist()], dtype=np.int64)
    return rows, np.asarray(label, dtype=bool if target.kind == "binary" else np.float64)

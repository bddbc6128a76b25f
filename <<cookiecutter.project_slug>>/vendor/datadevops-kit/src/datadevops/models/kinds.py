"""From the output of an ONNX file to a forecast, and to rows of predictions, for each kind of target.

In:       the table that a session returns, (n, c); the facts `output` of the model version, see `fitting`.
Out:      a forecast: the probability of yes (n,), probabilities (n, k) in the order of the contract's
          classes, or values (n,) in the unit of the label; the columns of predictions.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..contract.target import Target
from ..engine.columns import Columns
from . import intervals

Floats = npt.NDArray[np.float64]
Output = Mapping[str, Any]  # how to read what the model returns; `kind` and what that kind needs


class Kind(NamedTuple):
    name: str  # of the output in the ONNX file
    forecast: Callable[[npt.NDArray[Any], Output], Floats]
    columns: Callable[[Floats, Output], Columns]


def _yes(table: npt.NDArray[Any], output: Output) -> Floats:
    probability: Floats = table[:, 1].astype(np.float64)
    return probability.clip(0, 1)  # float32 sums may exceed 1


def _each_class(table: npt.NDArray[Any], output: Output) -> Floats:
    every = np.zeros((len(table), len(output["classes"])))
    every[:, output["places"]] = table.astype(np.float64).clip(0, 1)  # training may have lacked a class
    return np.asarray(every / every.sum(axis=1, keepdims=True), dtype=np.float64)


def _value(table: npt.NDArray[Any], output: Output) -> Floats:
    value = table.reshape(len(table)).astype(np.float64) * output["scale"] + output["offset"]
    return within(value, output)


def within(value: Floats, output: Output) -> Floats:
    """Values (n,) kept in the range of the label."""
    least, most = output["minimum"], output["maximum"]
    return value.clip(-np.inf if least is None else least, np.inf if most is None else most)


def _yes_or_no(forecast: Floats, output: Output) -> Columns:
    return {
        "probability": forecast,
        "threshold": np.full(len(forecast), output["threshold"]),
        "decision": decided(forecast, output),
    }


def decided(probability: Floats, output: Output) -> npt.NDArray[np.bool_]:
    """Whether the decision is yes, for each probability (n,)."""
    yes: npt.NDArray[np.bool_] = probability >= output["threshold"]
    return yes


def _classified(forecast: Floats, output: Output) -> Columns:
    words = np.array(output["classes"], dtype=object)
    columns = Target("classes", tuple(output["classes"])).probability_columns
    each = dict(zip(columns, forecast.T, strict=True))
    return {"value": words[forecast.argmax(axis=1)], "probability": forecast.max(axis=1), **each}


def _bounded(forecast: Floats, output: Output) -> Columns:
    low, high = bounds(forecast, output)
    return {"value": forecast, "low": low, "high": high}


def bounds(value: Floats, output: Output) -> tuple[Floats, Floats]:
    """The ends of the 90 % interval of each value (n,), in the range of the label."""
    low, high = intervals.bounds(value, output["intervals"])
    return within(low, output), within(high, output)


def covered(outcome: Floats, value: Floats, output: Output) -> npt.NDArray[np.bool_]:
    """Whether each outcome (n,) lies in the 90 % interval of its value."""
    low, high = bounds(value, output)
    inside: npt.NDArray[np.bool_] = (low <= outcome) & (outcome <= high)
    return inside


KINDS = {
    "binary": Kind("probabilities", _yes, _yes_or_no),
    "classes": Kind("probabilities", _each_class, _classified),
    "regression": Kind("variable", _value, _bounded),
}

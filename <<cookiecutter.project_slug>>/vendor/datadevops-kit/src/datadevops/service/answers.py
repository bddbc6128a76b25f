"""What a request gets back, for each kind of target.

In:       a forecast of its rows, the facts `output` of the model version.
Out:      an `Answer` with one prediction for each row, in the order of the rows; the decisions to count.
"""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from ..contract.target import Target
from ..models import kinds
from ..models.kinds import Floats, Output


class YesOrNo(msgspec.Struct, gc=False):
    probability: float
    decision: bool


class Class(msgspec.Struct, gc=False):
    value: str
    probabilities: dict[str, float]


class Number(msgspec.Struct, gc=False):
    value: float
    low: float
    high: float


class DecidedAnswer(msgspec.Struct, gc=False):
    """One prediction for each row, in the order of the rows."""

    model_version: str
    threshold: float
    request_id: str
    predictions: list[YesOrNo]


class ClassAnswer(msgspec.Struct, gc=False):
    """One prediction for each row, in the order of the rows."""

    model_version: str
    request_id: str
    predictions: list[Class]


class NumberAnswer(msgspec.Struct, gc=False):
    """One prediction for each row, in the order of the rows; 90 % of the outcomes lie from low to high."""

    model_version: str
    request_id: str
    predictions: list[Number]


class Kind(NamedTuple):
    answer: type[msgspec.Struct]
    predict: Callable[[Floats, Output], list[Any]]
    wrap: Callable[[str, Output, str, list[Any]], Any]  # version, output, id of the request, predictions
    decisions: Callable[[list[Any]], Sequence[str]]  # what is counted, of each prediction
    # (forecast, of another model, output, of the other model) -> whether the other decides a row otherwise
    differ: Callable[[Floats, Floats, Output, Output], npt.NDArray[np.bool_]]


def _yes_or_no(forecast: Floats, output: Output) -> list[YesOrNo]:
    threshold = output["threshold"]
    return [YesOrNo(p, p >= threshold) for p in forecast.tolist()]


def _classes(forecast: Floats, output: Output) -> list[Class]:
    words = output["classes"]
    best = forecast.argmax(axis=1).tolist()  # of equal ones the first of the contract
    rows = forecast.tolist()
    return [
        Class(words[top], dict(zip(words, row, strict=True))) for top, row in zip(best, rows, strict=True)
    ]


def _numbers(forecast: Floats, output: Output) -> list[Number]:
    low, high = kinds.bounds(forecast, output)
    return list(map(Number, forecast.tolist(), low.tolist(), high.tolist()))


def _decide_otherwise(one: Floats, other: Floats, output: Output, theirs: Output) -> npt.NDArray[np.bool_]:
    mine, others = one >= output["threshold"], other >= theirs["threshold"]
    return np.asarray(mine != others, dtype=np.bool_)


def _outside(forecast: Floats, other: Floats, output: Output, _: Output) -> npt.NDArray[np.bool_]:
    low, high = kinds.bounds(forecast, output)
    return np.asarray((other < low) | (other > high), dtype=np.bool_)


KINDS = {
    "binary": Kind(
        DecidedAnswer,
        _yes_or_no,
        lambda version, output, request, rows: DecidedAnswer(version, output["threshold"], request, rows),
        lambda rows: ["yes" if row.decision else "no" for row in rows],
        _decide_otherwise,
    ),
    "classes": Kind(
        ClassAnswer,
        _classes,
        lambda version, output, request, rows: ClassAnswer(version, request, rows),
        lambda rows: [row.value for row in rows],
        lambda one, other, *_: one.argmax(axis=1) != other.argmax(axis=1),
    ),
    "regression": Kind(
        NumberAnswer,
        _numbers,
        lambda version, output, request, rows: NumberAnswer(version, request, rows),
        lambda rows: ["number"] * len(rows),
        _outside,
    ),
}


def decisions(target: Target) -> tuple[str, ...]:
    """All that can be counted."""
    return {"binary": ("yes", "no"), "classes": target.classes, "regression": ("number",)}[target.kind]


def is_one(answer: Any, target: Target) -> bool:
    """Whether the JSON of an answer has one prediction, of the target's kind."""
    try:
        (found,) = msgspec.convert(answer, KINDS[target.kind].answer).predictions  # type: ignore[attr-defined]
    except (msgspec.ValidationError, ValueError):
        return False
    return possible(found)


def possible(prediction: Any) -> bool:
    """Whether it is a prediction at all."""
    if isinstance(prediction, YesOrNo):
        return 0 <= prediction.probability <= 1
    if isinstance(prediction, Class):
        return all(0 <= p <= 1 for p in prediction.probabilities.values())
    return all(map(isfinite, (prediction.value, prediction.low, prediction.high)))

"""Fit the estimator of model.py, and refuse what cannot become a model.

In:       the definition of the model, what is predicted; rows, their outcomes.
Out:      a `Fitted`: the estimator, and how to read what it returns.
Failure:  ContractError ML003 (it fails on the rows, gives no probabilities or no numbers, or not those of the
          classes). An error in the code of the team keeps its traceback.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.target import Target
from ..errors import ContractError, first_line
from .definition import Definition
from .kinds import KINDS
from .losses import Floats, Outcomes

HINT = "use another estimator or other parameters in model.py; nothing was registered"
UNFIT = {  # a word in scikit-learn's error about rows -> the remedy
    "NaN": "put a SimpleImputer before the estimator to accept nulls",
    "infinity": "limit that column in features.yaml to numbers of 32 bits",
}
GIVE_PROBABILITIES = (
    "model.py must return a fitted classifier with probabilities: CalibratedClassifierCV(LinearSVC()), "
    "SGDClassifier(loss='log_loss'), VotingClassifier(..., voting='soft', flatten_transform=False); "
    "for a regressor or an outlier detector take a classifier"
)
GIVE_NUMBERS = "model.py must return a fitted regressor: the label of labels.yaml is a number"


@dataclass(frozen=True)
class Fitted:
    estimator: Any
    output: dict[str, Any]  # how to read what it returns, see `kinds`

    def table(self, x: npt.NDArray[np.float32]) -> Floats:
        """x: (n, k) -> the probabilities of the classes that it knows, (n, c), or its numbers, (n, 1)."""
        work = self.estimator.predict if self.output["kind"] == "regression" else self.estimator.predict_proba
        found = np.asarray(_guarded(work, x), dtype=np.float64)
        return found[:, np.newaxis] if found.ndim == 1 else found

    def forecast(self, x: npt.NDArray[np.float32]) -> Floats:
        """x: (n, k) -> a forecast of its kind, as the estimator gives it."""
        table, kind = self.table(x), self.output["kind"]
        if kind == "regression" and (table.shape != (len(x), 1) or not np.isfinite(table).all()):
            text = f"model.py: predict of {short(self.estimator)} gives not one number for each row"
            raise ContractError("ML003", text, HINT)
        wanted = len(self.output["places"]) if kind == "classes" else 2
        if kind != "regression" and (
            table.shape != (len(x), wanted) or not ((table >= 0) & (table <= 1)).all()
        ):
            count = "two" if wanted == 2 else wanted
            text = f"predict_proba of {short(self.estimator)} gives not {count} probabilities for each row"
            raise ContractError("ML003", f"model.py: {text}", HINT)
        return KINDS[kind].forecast(table, self.output)


def fit(model: Definition, target: Target, x: npt.NDArray[np.float32], y: Outcomes) -> Fitted:
    """What model.py fits to these rows.

    A classifier gets the outcomes as 0 and 1, or as places in the enum of the label: every classifier of
    scikit-learn accepts these numbers, and the converter to ONNX cannot write some of them with booleans or
    words as classes. A regressor gets them with mean 0 and spread 1: ONNX computes in 32 bits, which are
    too few for large numbers.
    """
    output: dict[str, Any] = {"kind": target.kind}
    if target.kind == "regression":
        offset, scale = float(y.mean()), float(y.std()) or 1.0
        output |= {"offset": offset, "scale": scale, "unit": target.unit}
        output |= {"minimum": target.minimum, "maximum": target.maximum}
        numbers = (y - offset) / scale
    else:
        numbers = y.astype(np.int64)
    estimator = _guarded(model.fit, x, numbers)
    if estimator is None:
        raise ContractError(
            "ML003", "model.py: fit returns nothing", "end it with `return estimator.fit(x, y)`"
        )
    if target.kind == "regression":
        _require(estimator, "predict", x, GIVE_NUMBERS)
    else:
        _require(estimator, "predict_proba", x, GIVE_PROBABILITIES)
        places = _places(estimator, target)
        output |= {"classes": list(target.classes), "places": places} if target.classes else {}
    return Fitted(estimator, output)


def _require(estimator: Any, method: str, x: npt.NDArray[np.float32], hint: str) -> None:
    if not hasattr(estimator, method):
        raise ContractError("ML003", f"model.py: {short(estimator)} has no {method}", hint)
    _guarded(getattr(estimator, method), x[:1])


def _places(estimator: Any, target: Target) -> list[int]:
    """The classes that the estimator knows, as places in those of the target."""
    known = getattr(estimator, "classes_", None)
    shown = "0 and 1" if not target.classes else f"some of 0 to {len(target.classes) - 1}"
    if known is None:
        text = f"model.py: {short(estimator)} has no classes_, so nobody knows whose probability is which"
        raise ContractError("ML003", text, f"return a classifier of scikit-learn, fitted to {shown}")
    every = np.arange(len(target.classes) or 2)
    same = (
        np.array_equal(known, every)
        if not target.classes
        else np.array_equal(known, np.intersect1d(known, every))
    )
    if not same:
        text = f"model.py: {short(estimator)} has the classes {', '.join(map(str, known))}, not {shown}"
        raise ContractError("ML003", text, "hand the outcomes to the estimator as they are")
    return [int(place) for place in known]


def short(fitted: Any) -> str:
    """What the estimator is called in a message."""
    return " ".join(repr(fitted).split())[:200]


def _guarded(work: Callable[..., Any], *arguments: Any) -> Any:
    """work(*arguments). What scikit-learn raises is about the rows or the estimator; an error in the code of
    the team stays as it is."""
    try:
        return work(*arguments)
    except (MemoryError, OSError):
        raise
    except Exception as error:
        frames = list(traceback.walk_tb(error.__traceback__))
        packages = [frame.f_globals["__name__"].partition(".")[0] for frame, _ in frames]
        if len(frames) > 1 and not {"sklearn", "lightgbm", "xgboost"} & {*packages}:
            raise
        hint = next((hint for word, hint in UNFIT.items() if word in str(error)), HINT)
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ContractError("ML003", f"model.py: {kind}{first_line(error)}", hint) from None

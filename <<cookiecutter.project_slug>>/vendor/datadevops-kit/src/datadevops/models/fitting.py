"""Fit the classifier of model.py, and refuse what cannot become a model.

In:       the definition of the model; rows, their outcomes.
Out:      a fitted classifier; the probabilities of its answer yes.
Failure:  ContractError ML003 (it fails on the rows, gives no probabilities, or not those of 0 and 1). An
          error in the code of the team keeps its traceback.
"""

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ContractError, first_line
from .definition import Definition
from .gate import Floats, Truths

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


def fit(model: Definition, x: npt.NDArray[np.float32], y: Truths) -> Any:
    """The classifier that model.py fits to these rows.

    It gets the outcomes as 0 and 1: every classifier of scikit-learn accepts these numbers, and the
    converter to ONNX cannot write some of them with booleans as classes.
    """
    fitted = _guarded(model.fit, x, y.astype(np.int64))
    if fitted is None:
        raise ContractError(
            "ML003", "model.py: fit returns nothing", "end it with `return estimator.fit(x, y)`"
        )
    if not hasattr(fitted, "predict_proba"):
        raise ContractError("ML003", f"model.py: {short(fitted)} has no predict_proba", GIVE_PROBABILITIES)
    _guarded(fitted.predict_proba, x[:1])
    classes = getattr(fitted, "classes_", None)
    if classes is None:
        text = f"model.py: {short(fitted)} has no classes_, so nobody knows which probability is that of yes"
        raise ContractError("ML003", text, "return a classifier of scikit-learn, fitted to 0 and 1")
    if not np.array_equal(classes, [0, 1]):
        text = f"model.py: {short(fitted)} has the classes {', '.join(map(str, classes))}, not 0 and 1"
        raise ContractError("ML003", text, "hand the outcomes to the estimator as they are")
    return fitted


def probabilities(fitted: Any, x: npt.NDArray[np.float32]) -> Floats:
    """x: (n, k) -> probability of yes (n,), as the fitted model gives it."""
    table = np.asarray(_guarded(fitted.predict_proba, x), dtype=np.float64)
    if table.shape != (len(x), 2) or not ((table >= 0) & (table <= 1)).all():
        text = f"model.py: predict_proba of {short(fitted)} gives not two probabilities for each row"
        raise ContractError("ML003", text, HINT)
    return table[:, 1]


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
        if len(frames) > 1 and "sklearn" not in packages:
            raise
        hint = next((hint for word, hint in UNFIT.items() if word in str(error)), HINT)
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ContractError("ML003", f"model.py: {kind}{first_line(error)}", hint) from None

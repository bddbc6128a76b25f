"""Convert a fitted scikit-learn estimator to ONNX, and refuse it if the answers differ.

In:       a fitted classifier, regressor or pipeline, rows it has not seen.
Out:      the bytes of an ONNX file with input `x` (n, k) and output `probabilities` (n, c) or `variable`
          (n, 1); the largest difference of the two.
Failure:  ContractError ML003. A conversion can be wrong without an error: with native categorical
          features, half of all answers were flipped. So the difference is measured, on nulls too.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from skl2onnx import get_model_alias, to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from ..errors import ContractError, first_line
from . import boosters
from .fitting import HINT, Fitted, short
from .scorer import start, table

TOLERANCE = 1e-5  # in probability, or in spreads of the label; a correct conversion stays below 3e-6
CONVERTED = (
    "HistGradientBoosting, forests, GradientBoosting, linear and logistic regression, Ridge, Huber and "
    "Quantile regression, MLP, sigmoid calibration, pipelines and ColumnTransformer of imputers, scalers, "
    "OrdinalEncoder and OneHotEncoder, LightGBM and XGBoost are converted"
)
DIFFERS = (
    "ONNX computes in 32 bits: put a StandardScaler before a linear model, a network or an SVM, and take it "
    "away before trees; lower the number of trees; leave out categorical_features, losses with a logarithm "
    "and isotonic calibration; nothing was registered"
)


def export(
    fitted: Fitted, x: npt.NDArray[np.float32], nullable: Sequence[bool] | None = None
) -> tuple[bytes, float]:
    """ONNX for `fitted`, equal on `x` (n, k) and on `x` with a fifth of its cells null: in all columns, or
    only in the `nullable` ones (k,); and the largest difference that there is."""
    estimator, classifies = fitted.estimator, fitted.output["kind"] != "regression"
    types = [("x", FloatTensorType([None, x.shape[1]]))]
    options = {id(estimator): {"zipmap": False}} if classifies else None
    opsets = boosters.prepare([estimator, *_steps(estimator).values()])
    try:
        model = to_onnx(estimator, initial_types=types, options=options, target_opset=opsets)
        _route_nulls(model, estimator)
        onnx = bytes(model.SerializeToString())
        gap = difference(fitted, onnx, x, nullable)
    except Exception as error:  # the converter and the runtime share no error class
        hint = f"put a SimpleImputer before it to accept nulls, or {HINT}" if "NaN" in str(error) else HINT
        what = ", ".join(_unknown_steps(estimator)) or short(estimator)
        text = f"model.py: {what} cannot be converted to ONNX: {first_line(error)}"
        raise ContractError("ML003", f"{text}\n  {CONVERTED}", hint) from error
    if not gap <= TOLERANCE:
        unit = "probability" if classifies else "spreads of the label"
        text = f"ONNX and {short(estimator)} differ by up to {gap:.2g} in {unit}; {TOLERANCE:g} is allowed"
        raise ContractError("ML003", f"model.py: {text}", DIFFERS)
    return onnx, gap


def _unknown_steps(estimator: Any) -> Iterator[str]:
    """The steps of `estimator` that the converter does not know, as `scale: PowerTransformer`."""
    for name, part in _steps(estimator).items():
        try:
            get_model_alias(type(part))
        except RuntimeError:
            yield f"{name.replace('__', '.')}: {short(part)}"


def _steps(estimator: Any) -> dict[str, BaseEstimator]:
    """The estimators in `estimator`, at any depth, by their path."""
    parts = estimator.get_params(deep=True) if isinstance(estimator, BaseEstimator) else {}
    return {name: part for name, part in parts.items() if isinstance(part, BaseEstimator)}


def _route_nulls(model: Any, fitted: Any) -> None:
    """Add what the converter omits: the branch that each node of a forest takes for nulls."""
    forest = fitted[-1] if isinstance(fitted, Pipeline) else fitted
    parts = np.ravel(getattr(forest, "estimators_", [forest]))
    trees = [part.tree_ for part in parts if hasattr(part, "tree_")]
    for node in model.graph.node:
        if node.op_type in ("TreeEnsembleClassifier", "TreeEnsembleRegressor"):
            given = {attribute.name: attribute.ints for attribute in node.attribute}
            places = list(zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True))
            if len(places) == sum(tree.node_count for tree in trees):  # otherwise it is not a single forest
                left = [int(trees[tree].missing_go_to_left[place]) for tree, place in places]
                given["nodes_missing_value_tracks_true"][:] = left


def difference(
    fitted: Fitted, onnx: bytes, x: npt.NDArray[np.float32], nullable: Sequence[bool] | None
) -> float:
    """The largest difference between the two, on `x` and on `x` with nulls."""
    holes = (np.random.default_rng(0).random(x.shape) < 0.2) & (True if nullable is None else nullable)
    both = np.vstack([x, np.where(holes, np.float32(np.nan), x)])
    return float(np.abs(table(start(onnx), fitted.output["kind"], both) - fitted.table(both)).max())

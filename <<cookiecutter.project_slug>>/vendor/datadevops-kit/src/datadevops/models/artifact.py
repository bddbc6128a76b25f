"""Convert a fitted scikit-learn model to ONNX, and refuse it if the answers differ.

In:       a fitted classifier or pipeline, rows it has not seen.
Out:      the bytes of an ONNX file with input `x` (n, k) and output `probabilities` (n, 2).
Failure:  ContractError ML003. A conversion can be wrong without an error: with native categorical
          features, half of all answers were flipped. So the difference is measured, on nulls too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.pipeline import Pipeline

from ..errors import ContractError, first_line
from .fitting import HINT, short
from .scorer import probabilities, start

TOLERANCE = 1e-5  # difference in probability; a correct conversion stays below 1e-6


def export(fitted: Any, x: npt.NDArray[np.float32], nullable: Sequence[bool] | None = None) -> bytes:
    """ONNX for `fitted`, equal on `x` (n, k) and on `x` with a fifth of its cells null: in all columns, or
    only in the `nullable` ones (k,)."""
    types = [("x", FloatTensorType([None, x.shape[1]]))]
    try:
        model = to_onnx(fitted, initial_types=types, options={id(fitted): {"zipmap": False}})
        _route_nulls(model, fitted)
        onnx = bytes(model.SerializeToString())
        gap = difference(fitted, onnx, x, nullable)
    except Exception as error:  # the converter and the runtime share no error class
        hint = f"put a SimpleImputer before it to accept nulls, or {HINT}" if "NaN" in str(error) else HINT
        text = f"model.py: {short(fitted)} cannot be converted to ONNX: {first_line(error)}"
        raise ContractError("ML003", text, hint) from error
    if not gap <= TOLERANCE:
        text = f"ONNX and {short(fitted)} differ by up to {gap:.2g} in probability; {TOLERANCE:g} is allowed"
        raise ContractError("ML003", f"model.py: {text}", HINT)
    return onnx


def _route_nulls(model: Any, fitted: Any) -> None:
    """Add what the converter omits: the branch that each node of a forest takes for nulls."""
    forest = fitted[-1] if isinstance(fitted, Pipeline) else fitted
    trees = [part.tree_ for part in getattr(forest, "estimators_", [forest]) if hasattr(part, "tree_")]
    for node in model.graph.node:
        if node.op_type == "TreeEnsembleClassifier":
            given = {attribute.name: attribute.ints for attribute in node.attribute}
            places = list(zip(given["nodes_treeids"], given["nodes_nodeids"], strict=True))
            if len(places) == sum(tree.node_count for tree in trees):  # otherwise it is not a single forest
                left = [int(trees[tree].missing_go_to_left[place]) for tree, place in places]
                given["nodes_missing_value_tracks_true"][:] = left


def difference(
    fitted: Any, onnx: bytes, x: npt.NDArray[np.float32], nullable: Sequence[bool] | None
) -> float:
    """The largest difference in probability between the two, on `x` and on `x` with nulls."""
    holes = (np.random.default_rng(0).random(x.shape) < 0.2) & (True if nullable is None else nullable)
    both = np.vstack([x, np.where(holes, np.float32(np.nan), x)])
    return float(np.abs(probabilities(start(onnx), both) - fitted.predict_proba(both)[:, 1]).max())

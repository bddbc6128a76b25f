# The template's file: edits here meet template updates (copier update merges them).
"""Turn a fitted scikit-learn model into ONNX, and refuse one that answers differently.

In:       a fitted classifier or pipeline, rows it has not seen.
Out:      the bytes of an ONNX file with input `x` (n, k) and output `probabilities` (n, 2).
Failure:  RefusedError ML003. A converter can be wrong without raising: with native categorical
          features half of all answers came out flipped. So it is measured, on nulls too.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from .errors import RefusedError
from .scorer import probabilities, start

TOLERANCE = 1e-5  # of a probability; a correct conversion stays below 1e-6


def export(fitted: Any, x: npt.NDArray[np.float32]) -> bytes:
    """ONNX for `fitted`, equal on `x` (n, k) and on `x` with a fifth of its cells null."""
    types = [("x", FloatTensorType([None, x.shape[1]]))]
    model = to_onnx(fitted, initial_types=types, options={id(fitted): {"zipmap": False}})
    onnx = bytes(model.SerializeToString())
    refuse_difference(fitted, onnx, x)
    return onnx


def refuse_difference(fitted: Any, onnx: bytes, x: npt.NDArray[np.float32]) -> None:
    """Raise RefusedError ML003 unless both models answer alike, to 1e-5 in probability."""
    holes = np.where(np.random.default_rng(0).random(x.shape) < 0.2, np.float32(np.nan), x)
    both = np.vstack([x, holes])
    gap = np.abs(probabilities(start(onnx), both) - fitted.predict_proba(both)[:, 1])
    if not gap.max() <= TOLERANCE:
        raise RefusedError(
            "ML003",
            f"ONNX and {type(fitted).__name__} differ by up to {gap.max():.2g} in probability,"
            f" in {int((gap > TOLERANCE).sum())} of {len(both)} rows; {TOLERANCE:g} is allowed",
            "take another estimator or other parameters in model.py; nothing was registered",
        )

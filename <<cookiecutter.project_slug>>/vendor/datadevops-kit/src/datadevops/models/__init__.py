"""Models: split, train, judge, export, score, drift.

In:       features and labels as tables, the model.py of a product, its `Limits`.
Out:      an ONNX file with its figures; the checks of the gate; forecasts; drift by column.
Failure:  ContractError, DataError and RefusedError ML001 to ML009, each from the module that raises it.

A product's model.py imports the names below.
"""

from ..engine.columns import Columns, filled
from .baselines import usual
from .limits import Limits
from .losses import Floats, Outcomes

__all__ = ["Columns", "Floats", "Limits", "Outcomes", "filled", "usual"]

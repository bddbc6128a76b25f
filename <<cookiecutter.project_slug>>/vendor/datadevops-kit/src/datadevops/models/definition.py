"""The team's definition of its model: the module model.py as a value.

In:       the module: `fit`, `BASELINES`, `LIMITS`, `GROUP`, `HORIZON`.
Out:      a `Definition`.
Failure:  ContractError ML002 (a name is missing, the name of a baseline is not unique).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..engine.columns import Columns
from ..errors import ContractError
from .gate import Floats, Limits, Truths

NEEDED = ("fit", "BASELINES", "LIMITS", "GROUP", "HORIZON")
RESERVED = ("candidate", "outcome")  # other columns of the file that has the baselines' forecasts

Baseline = Callable[[Columns, Truths, Columns], Floats]  # past rows, their outcomes, rows -> forecast (n,)


@dataclass(frozen=True)
class Definition:
    fit: Callable[[Any, Any], Any]  # x (n, k) float32, y (n,) of 0 and 1 -> a fitted classifier
    baselines: dict[str, Baseline]  # by name, in the order of model.py
    limits: Limits
    group: str  # a column of the key: each of its values is evaluated separately too
    horizon: timedelta  # how far ahead of its row a label looks


def define(module: Any) -> Definition:
    """The definition in `module`, a product's model.py."""
    if missing := [name for name in NEEDED if not hasattr(module, name)]:
        text = f"model.py: {', '.join(missing)} missing"
        raise ContractError("ML002", text, f"define {', '.join(NEEDED)}")
    baselines = {baseline.__name__: baseline for baseline in module.BASELINES}
    if len(baselines) < len(module.BASELINES) or not baselines or baselines.keys() & {*RESERVED}:
        text = f"model.py: BASELINES are {', '.join(b.__name__ for b in module.BASELINES) or 'none'}"
        hint = f"list at least one function, each with its own name, not {' or '.join(RESERVED)}"
        raise ContractError("ML002", text, hint)
    return Definition(module.fit, baselines, module.LIMITS, module.GROUP, module.HORIZON)

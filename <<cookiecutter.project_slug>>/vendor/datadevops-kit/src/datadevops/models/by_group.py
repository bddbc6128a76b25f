"""How good each forecast of the newest rows is: of all rows, and of each group by itself.

In:       outcomes (n,), forecasts by name, a mask (n,) for each group.
Out:      figures and skill as plain numbers, by group.
Failure:  none.
"""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from . import figures as measures
from . import kinds, losses
from .losses import Floats, Loss, Outcomes
from .split import Truths

ALL = "all"


def figures(
    y: Outcomes, forecasts: Mapping[str, Floats], parts: Mapping[str, Truths], output: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, float]]]:
    """{group: {forecast: {figure: number}}}, of groups that have any."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for group, mine in parts.items():
        for name, forecast in forecasts.items():
            threshold = output.get("threshold", measures.HALF) if name == "candidate" else measures.HALF
            if measured := measures.figures(output["kind"], y[mine], forecast[mine], threshold):
                found.setdefault(group, {})[name] = measured
    return found


def coverage(
    y: Outcomes, forecast: Floats, parts: Mapping[str, Truths], output: Mapping[str, Any]
) -> dict[str, float]:
    """{group: share of the outcomes in their 90 % interval}, of groups that have rows; of numbers only."""
    if output["kind"] != "regression":
        return {}
    inside = kinds.covered(y, forecast, output)
    return {group: float(inside[part].mean()) for group, part in parts.items() if part.any()}


def skills(
    loss: Loss,
    y: Outcomes,
    forecasts: Mapping[str, Floats],
    parts: Mapping[str, Truths],
    block: npt.NDArray[Any],
) -> dict[str, dict[str, Any]]:
    """{group: {"rows": n, "over": {baseline: [skill, low, high]}}}, of groups that have rows: what the gate
    looks at, with the ends of its 95 % interval over blocks."""
    of_rows = {name: loss.of_rows(y, forecast) for name, forecast in forecasts.items()}
    mine = of_rows.pop("candidate")
    return {
        group: {
            "rows": int(part.sum()),
            "over": {
                name: [*losses.skill(mine[part], other[part], block[part])] for name, other in of_rows.items()
            },
        }
        for group, part in parts.items()
        if part.any()
    }

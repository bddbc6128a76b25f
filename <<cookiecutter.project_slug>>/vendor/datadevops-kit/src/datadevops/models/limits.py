"""The limits of the gate, as model.py sets them.

In:       values by name, as `Limits(skill=0.1)`.
Out:      `Limits`; those that are not given have their defaults, which were chosen on 14 real data sets.
Failure:  ContractError ML002 (an unknown name, or a value that no limit can have: all of them at once).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from math import inf, isfinite
from typing import Any, TypeVar

from ..errors import ContractError, nearest

Values = TypeVar("Values")

# What a limit can be: its type, the least, the most, in words.
POSSIBLE: dict[str, tuple[type, float, float, str]] = {
    "skill": (float, -inf, 0.999999, "a number below 1"),
    "champion_loss": (float, -0.999999, inf, "a number above -1"),
    "group_skill": (float, -inf, 0.999999, "a number below 1"),
    "group_rows": (int, 1, inf, "a whole number from 1 on"),
    "calibration_error": (float, 0, 1, "a number from 0 to 1"),
    "bias": (float, 0, inf, "a number from 0 on"),
    "blocks": (int, 2, inf, "a whole number from 2 on"),
}


def _checked(limits: type[Values]) -> type[Values]:
    """The class, whose values are checked when they are given: the team sees model.py named, no traceback."""
    made: Any = limits
    init: Callable[..., None] = made.__init__

    @wraps(init)
    def checked(self: Any, *values: Any, **given: Any) -> None:
        names = [each.name for each in fields(made)]
        unknown = [f"there is no limit {name}, {nearest(name, names)}" for name in given if name not in names]
        init(self, *values, **{name: value for name, value in given.items() if name in names})
        if found := [*unknown, *_faults(vars(self))]:
            text = "\n  ".join(["model.py: its Limits(...) do not fit", *found])
            raise ContractError("ML002", text, "correct LIMITS in model.py, or leave out what has a default")

    made.__init__ = checked
    return limits


def _faults(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        kind, least, most, words = POSSIBLE[name]
        number = isinstance(value, (int, kind)) and not isinstance(value, bool)
        if not (number and isfinite(value) and least <= value <= most):
            yield f"{name} is {value!r}; it must be {words}"


@_checked
@dataclass(frozen=True)
class Limits:
    """The limits of the gate. Each has a default that suits most products.

    skill: Least skill over each baseline: 1 is perfect, 0 no better. Raise it if a model must pay for its
        upkeep.
    champion_loss: By how much the candidate may be worse than the champion, as a share of the loss of the
        best baseline. Lower it if a small loss costs much and there are many newest rows; otherwise chance
        refuses models that are as good.
    group_skill: Least skill over the best baseline in each value of `GROUP`. Lower it if one group cannot
        be forecast better than naively and the others gain.
    group_rows: Groups with fewer newest rows are shown, not judged. Raise it if chance refuses groups.
    calibration_error: Largest mean distance between probability and frequency, from 0 to 1; of a number,
        between 0.9 and the share of outcomes in their 90 % interval. Lower it if somebody computes costs
        from them.
    bias: Largest mean error of a forecast mean, in spreads (standard deviations) of the outcome. Lower it
        if forecasts are added up, as in totals of a month.
    blocks: Least number of days among the newest rows, or of units if rows have no time. Raise it if models
        pass by chance; with fewer than 20, nobody can tell.
    """

    skill: float = 0.0
    champion_loss: float = 0.05
    group_skill: float = 0.0
    group_rows: int = 200
    calibration_error: float = 0.05
    bias: float = 0.1
    blocks: int = 20

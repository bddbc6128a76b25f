"""The team's definition of its model: the module model.py as a value.

In:       the module: `fit`, `BASELINES`, `LIMITS`; where wanted `GROUP`, `HORIZON`, `SPLIT_BY`, `VALUE`,
          `ACKNOWLEDGED`.
Out:      a `Definition`.
Failure:  ContractError ML002 (a name is missing or unknown, or does not fit what is predicted; the name of a
          baseline is not unique).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..contract.target import RESERVED, Target
from ..contract.values import Contract
from ..engine.columns import Columns
from ..errors import ContractError, nearest
from .doubts import DUPLICATES
from .limits import Limits
from .losses import Floats, Loss, Outcomes, Value, deciding

NEEDED = ("fit", "BASELINES", "LIMITS")
OPTIONAL = ("ACKNOWLEDGED", "GROUP", "HORIZON", "SPLIT_BY", "VALUE")

Baseline = Callable[[Columns, Outcomes, Columns], Floats]  # past rows, their outcomes, rows -> forecast


@dataclass(frozen=True)
class Definition:
    fit: Callable[[Any, Any], Any]  # x (n, k) float32, y (n,) -> a fitted estimator
    baselines: dict[str, Baseline]  # by name, in the order of model.py
    limits: Limits
    group: str | None  # a column of the key: each of its values is evaluated separately too
    horizon: timedelta  # how far ahead of its row a label looks
    loss: Loss  # the one that decides
    units: tuple[str, ...] = ()  # columns of the key; rows without time are split by their values
    split_chosen: bool = False  # model.py has SPLIT_BY, if only to say None: each row is a unit
    acknowledged: Mapping[str, str] = field(default_factory=dict)  # what is doubtful -> why it is right


def define(module: Any, features: Contract, target: Target) -> Definition:
    """The definition in `module`, a product's model.py."""
    if found := list(_faults(module, features, target)):
        raise ContractError("ML002", "\n  ".join(["model.py does not fit", *found]), "correct model.py")
    value: Value = getattr(module, "VALUE", "mean")
    return Definition(
        module.fit,
        {baseline.__name__: baseline for baseline in module.BASELINES},
        module.LIMITS,
        getattr(module, "GROUP", None),
        getattr(module, "HORIZON", timedelta(0)),
        deciding(target.kind, value),
        (unit,) if (unit := getattr(module, "SPLIT_BY", None)) else tuple(features.keys),
        hasattr(module, "SPLIT_BY"),
        getattr(module, "ACKNOWLEDGED", {}),
    )


def _faults(module: Any, features: Contract, target: Target) -> Iterator[str]:
    names = [name for name in vars(module) if name.isupper()]
    for name in names:
        if name not in (*NEEDED, *OPTIONAL) and "did you mean" in (
            hint := nearest(name, (*NEEDED, *OPTIONAL))
        ):
            yield f"there is no {name}, {hint}"
    if missing := [name for name in NEEDED if not hasattr(module, name)]:
        yield f"{', '.join(missing)} missing; define {', '.join(NEEDED)}"
        return
    if found := [*_kind_faults(module)]:
        yield from found
        return
    listed = [baseline.__name__ for baseline in module.BASELINES]
    taken = (*RESERVED, *features.keys)  # columns beside the forecasts; to SQL, upper and lower case are one
    names = [name.lower() for name in listed]
    if len(set(names)) < len(names) or not names or {*names} & {name.lower() for name in taken}:
        yield (
            f"BASELINES are {', '.join(listed) or 'none'}; list at least one function, each with its own"
            f" name, not {' or '.join(taken)}"
        )
    group = getattr(module, "GROUP", None)
    if group is not None and group not in features.keys:
        keys = ", ".join(features.keys)
        yield f"GROUP is {group!r}, which is not a column of the key; name one of {keys}, or leave it out"
    yield from _split_faults(module, features)
    names = [column.name for column in features.inputs]
    for name, why in getattr(module, "ACKNOWLEDGED", {}).items():
        if name not in (*names, DUPLICATES):
            yield f"ACKNOWLEDGED names {name!r}, which is neither an input nor {DUPLICATES!r}"
        elif not (isinstance(why, str) and why.strip()):
            yield f"ACKNOWLEDGED gives no reason for {name!r}; write why it is known in time"
    if hasattr(module, "VALUE") and (target.kind != "regression" or module.VALUE not in ("mean", "median")):
        yield f'VALUE is {module.VALUE!r}; only a number has one, "mean" or "median"; leave it out otherwise'


def _kind_faults(module: Any) -> Iterator[str]:
    """What is of another kind than it must be, so that nothing more can be said of it."""
    if not callable(module.fit):
        yield f"fit is {module.fit!r}; make it a function of x and y that returns a fitted estimator"
    given = module.BASELINES
    if not isinstance(given, (list, tuple)):
        name = getattr(given, "__name__", "as_usual")
        yield f"BASELINES is not a list of functions; write `BASELINES = ({name},)`, with a comma after one"
    elif odd := [repr(each) for each in given if not (callable(each) and hasattr(each, "__name__"))]:
        yield f"BASELINES are functions, which {', '.join(odd)} is not; write their names without quotes"
    if not isinstance(module.LIMITS, Limits):
        yield "LIMITS is not Limits(...); `LIMITS = Limits()` takes the defaults"
    if not isinstance(getattr(module, "ACKNOWLEDGED", {}), Mapping):
        yield 'ACKNOWLEDGED is not of the form {"INPUT": "why it is right"}'


def _split_faults(module: Any, features: Contract) -> Iterator[str]:
    """What does not fit the way in which rows are split: by time, or without one by a column of the key."""
    horizon, unit = getattr(module, "HORIZON", None), getattr(module, "SPLIT_BY", None)
    if features.timed and not isinstance(horizon, timedelta):
        yield "HORIZON says how far ahead the label looks, as timedelta(hours=1): the rows have a time"
    elif horizon is not None and features.timed and horizon < timedelta(0):
        yield f"HORIZON is {horizon.total_seconds():g} seconds; a label looks ahead, so it is 0 or more"
    elif not features.timed and horizon is not None:
        yield "HORIZON is given, but the key has no time; leave it out"
    if features.timed and unit is not None:
        yield "SPLIT_BY is for rows without time; the key has one, so leave it out"
    elif unit is not None and unit not in features.keys:
        keys = ", ".join(features.keys)
        yield f"SPLIT_BY is {unit!r}, which is not a column of the key; name one of {keys}"

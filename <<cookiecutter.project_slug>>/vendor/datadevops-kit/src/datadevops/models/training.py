"""Train on the past, and measure on the newest rows.

In:       an engine with the tables `features` and `labels`; the contracts; the definition of the model.
Out:      files of a candidate (model.onnx, holdout.parquet) and facts about it.
Failure:  ContractError ML002 (`GROUP` has too many values; see `baselines`), ML003 (see `fitting` and
          `artifact`); the errors of `examples`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..contract.target import LAST, Target
from ..contract.values import Contract
from ..engine.start import Engine
from ..errors import ContractError
from . import (
    artifact,
    baselines,
    by_group,
    doubts,
    drift,
    examples,
    fitting,
    holdout,
    importance,
    intervals,
    reference,
    scorer,
    suspicious,
)
from .definition import Definition
from .examples import Examples
from .figures import choose_threshold
from .losses import Floats, Outcomes
from .split import Truths

MOST_GROUPS = 100  # each is evaluated separately


def train(
    engine: Engine, contracts: Mapping[str, Contract], target: Target, model: Definition, folder: Path
) -> dict[str, Any]:
    """Write a candidate to `folder`; returns its facts."""
    contract = contracts["features"]
    groups = _groups(engine, contract, model)
    known = examples.load(engine, contract, target, model)
    newest = known.slices.newest
    served, about = _fitted(known, contract, target, model)
    (folder / scorer.MODEL).write_bytes(served.model)
    naive = _naive(known, target, model)
    forecasts = {"candidate": served.forecast(known.x[newest])} | naive["newest"]
    keys = {name: known.rows[name][newest] for name in contract.keys}
    holdout.write(engine, folder, keys, known.y[newest], forecasts)
    engine.read("holdout", folder / holdout.HOLDOUT)
    return {
        "target": asdict(target),
        "inputs": known.inputs,
        **about,
        "baselines": list(model.baselines),
        "limits": asdict(model.limits),
        "acknowledged": dict(model.acknowledged),
        "groups": groups,
        "forecast_baseline": drift.of_forecast(forecasts["candidate"], target.classes),
        **_slices(known, model),
        **_measured(known, model, served, forecasts, groups),
        **_doubts(known, contract.keys, target, model, naive["validation"]),
        **reference.baselines(engine, contracts, known.slices.newest_from),
    }


def _fitted(
    known: Examples, contract: Contract, target: Target, model: Definition
) -> tuple[scorer.Scorer, dict[str, Any]]:
    """What will be served, fitted to all but the newest rows; how it was made."""
    past, validation, newest = known.slices.parts.values()
    x, y = known.x, known.y
    trial = fitting.fit(model, target, x[past], y[past]).forecast(x[validation])
    before = past | validation
    nullable = [column.name for column in contract.inputs if not column.required]
    fitted = fitting.fit(model, target, x[before], y[before])
    fitted.forecast(x[newest])
    onnx, gap = artifact.export(fitted, x[newest], [name in nullable for name in known.inputs])
    output = fitted.output | _decision(target, y[validation], trial)
    return scorer.Scorer("", known.inputs, output, onnx), {
        "nullable": nullable,
        "output": output,
        "estimator": type(fitted.estimator).__name__,
        "parity": {"gap": gap, "allowed": artifact.TOLERANCE},
    }


def _decision(target: Target, y: Outcomes, trial: Floats) -> dict[str, Any]:
    """What turns a forecast into an answer, from forecasts of rows that the trial model has not seen."""
    if target.kind == "binary":
        return {"threshold": choose_threshold(y, trial)}
    return {"intervals": intervals.fit(trial, y)} if target.kind == "regression" else {}


def _naive(known: Examples, target: Target, model: Definition) -> dict[str, dict[str, Floats]]:
    """Forecasts of the baselines: of the validation rows from the past, of the newest from all before."""
    seen, (past, validation, newest) = dict(known.rows), known.slices.parts.values()
    if known.time:
        group = known.rows.get(model.group or "")
        seen[LAST] = baselines.last_known(known.rows[known.time], group, known.y, model.horizon)

    def forecasts(before: Truths, asked: Truths) -> dict[str, Floats]:
        return baselines.forecasts(model, target, seen, known.y, before, asked)

    return {"newest": forecasts(past | validation, newest), "validation": forecasts(past, validation)}


def _slices(known: Examples, model: Definition) -> dict[str, Any]:
    """How many rows of which time, and by what they are divided."""
    slices = known.slices
    return {
        "rows": {name: int(part.sum()) for name, part in slices.parts.items()},
        "span": known.span(),
        "newest_from": slices.newest_from,
        "time": known.time,
        "split_by": [] if known.time else list(model.units),
        "units": len(np.unique(slices.block[slices.newest])),
    }


def _measured(
    known: Examples,
    model: Definition,
    served: scorer.Scorer,
    forecasts: Mapping[str, Floats],
    groups: list[str],
) -> dict[str, Any]:
    """Figures, skill and importance of inputs on the newest rows."""
    newest = known.slices.newest
    x, y, block = known.x[newest], known.y[newest], known.slices.block[newest]
    parts = {by_group.ALL: np.ones(len(y), dtype=bool)}
    if model.group:
        names = known.rows[model.group][newest].astype(str)
        parts = {group: names == group for group in groups} | parts
    least = baselines.best(model.loss, y, {name: forecasts[name] for name in model.baselines})
    return {
        "loss": model.loss.name,
        "figures": by_group.figures(y, forecasts, parts, served.output),
        "coverage": by_group.coverage(y, forecasts["candidate"], parts, served.output),
        "skill": by_group.skills(model.loss, y, forecasts, parts, block),
        "importance": importance.measure(served.forecast, x, y, list(known.inputs), model.loss, least),
    }


def _doubts(
    known: Examples, keys: Sequence[str], target: Target, model: Definition, naive: Mapping[str, Floats]
) -> dict[str, Any]:
    """What looks too good to be true; `naive`: forecasts of the validation rows."""
    x, y, slices, names = known.x, known.y, known.slices, list(known.inputs)
    least = baselines.best(model.loss, y[slices.validation], naive)
    seen = doubts.seen_before(x, y, slices)
    return {
        "constant": doubts.constant(x, names, slices),
        "seen_before": len(seen),
        "twins": doubts.twins({name: known.rows[name] for name in keys}, seen),
        "repeated": _repeated(known, model),
        "suspicious": suspicious.find(x, names, y, slices, least, target, model.loss),
    }


def _repeated(known: Examples, model: Definition) -> list[Any] | None:
    """See `doubts.repeated`; None if rows are split by time, or model.py says by what."""
    if known.time or model.split_chosen:
        return None
    return doubts.repeated({name: known.rows[name] for name in model.units}, len(known.y))


def _groups(engine: Engine, contract: Contract, model: Definition) -> list[str]:
    """The values of GROUP in all features, with an outcome or without: predictions are made for each."""
    if model.group is None:
        return []
    found = engine.columns(f'select distinct "{model.group}" from features order by 1')[model.group]
    if (many := len(found)) > MOST_GROUPS:
        text = f"model.py: GROUP is {model.group!r}, which has {many:,} values, each evaluated separately"
        hint = f"name a column of the key with at most {MOST_GROUPS} values; add a coarser one"
        raise ContractError("ML002", text, hint)
    return [str(group) for group in found]

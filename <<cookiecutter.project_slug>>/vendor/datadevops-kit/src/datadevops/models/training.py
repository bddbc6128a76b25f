"""Train on the past, and measure on the newest rows.

In:       an engine with the tables `features` and `labels`; the contracts; the definition of the model.
Out:      files of a candidate (model.onnx, holdout.parquet) and facts about it.
Failure:  ContractError ML002 (`GROUP` has too many values; see `baselines`), ML003 (see `fitting` and
          `artifact`); DataError ML005 (too few rows to train or evaluate on).
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..contract.kinds import listed
from ..contract.target import LABEL, LAST, Target
from ..contract.values import Contract
from ..engine.columns import Columns
from ..engine.start import Engine
from ..errors import ContractError, DataError
from . import (
    artifact,
    baselines,
    doubts,
    drift,
    fitting,
    holdout,
    importance,
    intervals,
    scorer,
    split,
    suspicious,
)
from .definition import Definition
from .figures import HALF, choose_threshold, figures
from .losses import Floats, Outcomes

MOST_GROUPS = 100  # each is evaluated separately


def train(
    engine: Engine, contracts: Mapping[str, Contract], target: Target, model: Definition, folder: Path
) -> dict[str, Any]:
    """Write a candidate to `folder`; returns its facts."""
    contract = contracts["features"]
    groups = _groups(engine, contract, model)
    doubts.refuse_row_numbers(engine, contract)
    rows, y = _labelled(engine, contract, target)
    inputs = scorer.inputs_of(contract)
    x = scorer.matrix(inputs, rows)
    time = contract.time_key if contract.timed else None
    slices = split.slices(rows, time, model.units, model.horizon)
    split.require_enough(slices, y, target.kind)
    past, validation, newest = slices.parts.values()
    if empty := [name for name, column in zip(inputs, x[past].T, strict=True) if np.isnan(column).all()]:
        text = f"the past rows have no value of {', '.join(empty)}, so the model cannot be trained on it"
        raise DataError("ML005", text, "remove it from the features, or deliver a source that has values")

    trial = fitting.fit(model, target, x[past], y[past]).forecast(x[validation])
    known = past | validation
    nullable = [column.name for column in contract.inputs if not column.required]
    fitted = fitting.fit(model, target, x[known], y[known])
    fitted.forecast(x[newest])
    onnx, gap = artifact.export(fitted, x[newest], [name in nullable for name in inputs])
    (folder / scorer.MODEL).write_bytes(onnx)
    output = fitted.output | _decision(target, y[validation], trial)

    seen = dict(rows)
    if time:
        seen[LAST] = baselines.last_known(rows[time], rows.get(model.group or ""), y, model.horizon)
    served = scorer.Scorer("", inputs, output, onnx)
    forecasts = {"candidate": served.forecast(x[newest])} | baselines.forecasts(
        model, target, seen, y, known, newest
    )
    holdout.write(engine, folder, {name: rows[name][newest] for name in contract.keys}, y[newest], forecasts)
    naive = baselines.forecasts(model, target, seen, y, past, validation)
    least = baselines.best(model.loss, y[validation], naive)
    newest_least = baselines.best(model.loss, y[newest], {name: forecasts[name] for name in model.baselines})
    parts = {group: newest & (rows[model.group].astype(str) == group) for group in groups if model.group}
    return {
        "target": asdict(target),
        "inputs": inputs,
        "nullable": nullable,
        "output": output,
        "loss": model.loss.name,
        "baselines": list(model.baselines),
        "rows": {name: int(part.sum()) for name, part in slices.parts.items()},
        "newest_from": slices.newest_from,
        "split_by": list(model.units) if time is None else [],
        "units": len(np.unique(slices.block[newest])),
        "groups": groups,
        "figures": _figures(target, y, forecasts, newest, parts | {"all": newest}, output),
        "importance": importance.measure(
            served.forecast, x[newest], y[newest], list(inputs), model.loss, newest_least
        ),
        "forecast_baseline": drift.of_forecast(forecasts["candidate"], target.classes),
        "parity": {"gap": gap, "allowed": artifact.TOLERANCE},
        "constant": doubts.constant(x, list(inputs), slices),
        "seen_before": doubts.seen_before(x, y, slices),
        "suspicious": suspicious.find(x, list(inputs), y, slices, least, target, model.loss),
        **_drift_baselines(engine, contracts, slices.newest_from, folder),
    }


def _decision(target: Target, y: Outcomes, trial: Floats) -> dict[str, Any]:
    """What turns a forecast into an answer, from forecasts of rows that the trial model has not seen."""
    if target.kind == "binary":
        return {"threshold": choose_threshold(y, trial)}
    return {"intervals": intervals.fit(trial, y)} if target.kind == "regression" else {}


def _figures(
    target: Target, y: Outcomes, forecasts: Mapping[str, Floats], newest: Any, parts: Any, output: Any
) -> dict[str, dict[str, dict[str, float]]]:
    """{group: {forecast: {figure: number}}}, of groups that have any."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for group, mine in parts.items():
        for name, forecast in forecasts.items():
            threshold = output.get("threshold", HALF) if name == "candidate" else HALF
            if measured := figures(target.kind, y[mine], forecast[mine[newest]], threshold):
                found.setdefault(group, {})[name] = measured
    return found


def _drift_baselines(
    engine: Engine, contracts: Mapping[str, Contract], newest_from: str | None, folder: Path
) -> dict[str, Any]:
    """The distributions of the features and of the label in all but the newest rows."""
    engine.read("holdout", folder / holdout.HOLDOUT)
    contract, labels = contracts["features"], label_only(contracts["labels"])
    rows, known = (part(contract, table, newest_from, new=False) for table in ("features", "labels"))
    return {
        "drift_baseline": drift.baseline(engine, contract, rows),
        "label_baseline": drift.baseline(engine, labels, known),
    }


def part(contract: Contract, table: str, newest_from: str | None, new: bool) -> str:
    """The newest rows of features or of known labels, or all others: a query in parentheses. Without a time
    the engine needs the table `holdout`."""
    known = f" and {LABEL} is not null" if table == "labels" else ""
    if newest_from:
        first = f"timestamp '{newest_from}'"
        return f'(from {table} where "{contract.time_key}" {">=" if new else "<"} {first}{known})'
    joined = f"{table} left join holdout using ({listed(contract.keys)})"
    return f"(select {table}.* from {joined} where outcome is {'not ' if new else ''}null{known})"


def label_only(labels: Contract) -> Contract:
    """The contract of the labels without the reasons."""
    kept = tuple(column for column in labels.columns if column.key or column.name == LABEL)
    return labels.model_copy(update={"columns": kept})


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


def _labelled(engine: Engine, contract: Contract, target: Target) -> tuple[Columns, Outcomes]:
    """The features of rows with a known outcome, ordered by time; the outcomes (n,): truths, places in the
    enum of the label, or numbers."""
    keys, first = listed(contract.keys), f'"{contract.time_key}", ' if contract.timed else ""
    rows = engine.columns(
        f"select features.*, {LABEL} from features join labels using ({keys})"
        f" where {LABEL} is not null order by {first}{keys}"
    )
    label = np.ma.getdata(rows.pop(LABEL))  # no baseline may see what it forecasts
    if not len(label):
        raise DataError("ML005", "no row has a label", "check in labels.sql when the outcome is known")
    if target.kind == "classes":
        places = {word: place for place, word in enumerate(target.classes)}
        return rows, np.array([places[word] for word in label.tolist()], dtype=np.int64)
    return rows, np.asarray(label, dtype=bool if target.kind == "binary" else np.float64)

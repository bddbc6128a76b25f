"""Train on the past, evaluate on the newest rows.

In:       an engine with the tables `features` and `labels`; the contract of the features; the
          definition of the model.
Out:      files of a candidate (model.onnx, holdout.parquet) and facts about it; then the checks of the gate.
Failure:  ContractError ML002 (`GROUP` is not a column of the key, or has too many values; a baseline reads
          an unknown column), ML003 (see `fitting` and `artifact`); DataError ML005 (too few rows to train
          or evaluate on).
"""

from pathlib import Path
from typing import Any

import numpy as np

from ..contract.kinds import listed
from ..contract.values import Contract
from ..engine.columns import Columns
from ..engine.start import Engine
from ..errors import ContractError, DataError
from ..store.versions import Version
from . import artifact, drift, fitting, gate, scorer, split, suspicious
from .definition import Definition
from .figures import choose_threshold, figures
from .gate import Check, Floats, Truths

HOLDOUT = "holdout.parquet"  # the newest rows: key, outcome, forecasts of the candidate and the baselines
MOST_GROUPS = 100  # each needs rows of both outcomes in the newest slice


def train(engine: Engine, contract: Contract, model: Definition, folder: Path) -> dict[str, Any]:
    """Write a candidate to `folder`; returns its facts."""
    groups = _groups(engine, contract, model)
    rows, y = _labelled(engine, contract)
    inputs = scorer.inputs_of(contract)
    x = scorer.matrix(inputs, rows)
    slices, newest_from = split.by_time(rows[contract.time_key], y, model.horizon)
    past, validation, newest = slices.values()
    if empty := [name for name, column in zip(inputs, x[past].T, strict=True) if np.isnan(column).all()]:
        text = f"the past rows have no value of {', '.join(empty)}, so the model cannot be trained on it"
        raise DataError("ML005", text, "remove it from the features, or deliver a source that has values")

    trial = fitting.probabilities(fitting.fit(model, x[past], y[past]), x[validation])
    threshold = choose_threshold(y[validation], trial)
    known = past | validation
    nullable = [column.name for column in contract.measures if not column.required]
    onnx = artifact.export(
        fitting.fit(model, x[known], y[known]), x[newest], [name in nullable for name in inputs]
    )
    (folder / scorer.MODEL).write_bytes(onnx)

    new = {name: column[newest] for name, column in rows.items()}
    forecasts = {"candidate": scorer.probabilities(scorer.start(onnx), x[newest])}
    forecasts |= _baselines(model, {name: column[known] for name, column in rows.items()}, y[known], new)
    holdout = {name: new[name] for name in contract.keys} | {"outcome": y[newest]} | forecasts
    engine.write_columns(holdout, folder / HOLDOUT)
    parts = {group: newest & (rows[model.group].astype(str) == group) for group in groups} | {"all": newest}
    before = f"(select * from features where \"{contract.time_key}\" < timestamp '{newest_from}')"
    return {
        "inputs": inputs,
        "nullable": nullable,
        "threshold": threshold,
        "baselines": list(model.baselines),
        "rows": {name: int(part.sum()) for name, part in slices.items()},
        "newest_from": str(newest_from),
        "groups": groups,
        "figures": {
            group: {
                name: figures(y[mine], p[mine[newest]], threshold if name == "candidate" else 0.5)
                for name, p in forecasts.items()
            }
            for group, mine in parts.items()
            if 0 < y[mine].sum() < mine.sum()  # of one outcome alone there is no ROC AUC
        },
        "suspicious": suspicious.find(x[known], list(inputs), y[known]),
        "drift_baseline": drift.baseline(engine, contract, before),
    }


def judge(
    engine: Engine, contract: Contract, model: Definition, candidate: Version, champion: Version | None
) -> list[Check]:
    """The checks of the gate for `candidate`; `champion` is the version it would replace."""
    keys = listed(contract.keys)
    engine.read("holdout", candidate.file(HOLDOUT))
    rows = engine.columns(f"from holdout order by {keys}")
    theirs = None
    if champion and scorer.fits(champion, contract):
        features = f"select features.* from features join holdout using ({keys}) order by {keys}"
        theirs = scorer.load(champion).score(engine.columns(features))
    newest = gate.Newest(
        outcome=rows["outcome"].astype(bool),
        candidate=rows["candidate"],
        baselines={name: rows[name] for name in model.baselines},
        champion=theirs,
        day=rows[contract.time_key].astype("datetime64[D]"),
        group=rows[model.group],
        groups=candidate.facts["groups"],
    )
    return gate.judge(newest, model.limits, champion is not None)


def _groups(engine: Engine, contract: Contract, model: Definition) -> list[str]:
    """The values of GROUP in all features, with an outcome or without: predictions are made for each."""
    if model.group not in contract.keys:
        text = f"model.py: GROUP is {model.group!r}, which is not a column of the key of the features"
        raise ContractError("ML002", text, f"name one of {', '.join(contract.keys)}")
    found = engine.columns(f'select distinct "{model.group}" from features order by 1')[model.group]
    if (many := len(found)) > MOST_GROUPS:
        text = f"model.py: GROUP is {model.group!r}, which has {many:,} values, each evaluated separately"
        hint = f"name a column of the key with at most {MOST_GROUPS} values; add a coarser one"
        raise ContractError("ML002", text, hint)
    return [str(group) for group in found]


def _labelled(engine: Engine, contract: Contract) -> tuple[Columns, Truths]:
    """The features of rows with a known outcome, ordered by time; the outcomes (n,)."""
    keys = listed(contract.keys)
    rows = engine.columns(
        f"select features.*, label from features join labels using ({keys})"
        f' where label is not null order by "{contract.time_key}", {keys}'
    )
    return rows, np.asarray(rows.pop("label"), dtype=bool)  # no baseline may see what it forecasts


def _baselines(model: Definition, past: Columns, outcomes: Truths, rows: Columns) -> dict[str, Floats]:
    """The naive forecasts of model.py for `rows`, by name."""
    found = {}
    for name, baseline in model.baselines.items():
        try:
            found[name] = baseline(past, outcomes, rows)
        except KeyError as error:
            text = f"model.py: {name} reads a column {error} that the features do not have"
            raise ContractError("ML002", text, f"use one of {', '.join(rows)}") from None
    return found

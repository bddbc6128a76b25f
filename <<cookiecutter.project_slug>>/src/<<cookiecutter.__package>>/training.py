"""Learn from the past, judge on the newest rows. Yours, beside model.py.

In:       an engine that knows the tables `features` and `labels`; the contract of the features.
Out:      files of a candidate (model.onnx, holdout.parquet) and facts about it; later a verdict.
Failure:  ContractError ML002 (a group that is no key); DataError ML005 (too little to learn from or to
          judge on).
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import model
from .kit import artifact, drift, gate, leak, scorer
from .kit.columns import Columns
from .kit.contract import Contract, listed
from .kit.engine import Engine
from .kit.errors import ContractError, DataError, first_line
from .kit.gate import Check
from .kit.store import Version

HOLDOUT = "holdout.parquet"
FORECASTS = ("candidate", "persistence", "climatology")  # columns of the holdout, probabilities
Times = npt.NDArray[np.datetime64]
FEWEST = 20  # rows of each outcome that every slice must have
MOST_GROUPS = 100  # each wants rows of both outcomes in the newest slice
UNFIT = {  # what scikit-learn says of rows that it does not take -> the remedy
    "NaN": "a SimpleImputer before the estimator takes nulls",
    "infinity": "let features.yaml limit that column to numbers of 32 bits",
}


def train(engine: Engine, contract: Contract, folder: Path) -> dict[str, Any]:
    """Write a candidate to `folder`; returns its facts."""
    keys, time = listed(contract.keys), f'"{contract.time_key}"'
    if model.GROUP not in contract.keys:
        text = f"model.py: GROUP is {model.GROUP!r}, which is no key of the features"
        raise ContractError("ML002", text, f"name one of {', '.join(contract.keys)}")
    rows = engine.columns(
        f"select features.*, label from features join labels using ({keys})"
        f" where label is not null order by {time}, {keys}"
    )
    if (many := len(np.unique(rows[model.GROUP]))) > MOST_GROUPS:
        text = f"model.py: GROUP is {model.GROUP!r}, which has {many:,} values, each judged by itself"
        hint = f"name a key of the features with at most {MOST_GROUPS}; add one that is coarse"
        raise ContractError("ML002", text, hint)
    inputs = scorer.inputs_of(contract)
    x, y = scorer.matrix(inputs, rows), np.asarray(rows["label"], dtype=bool)
    slices, newest_from = split(rows[contract.time_key], y)
    past, validation, newest = slices.values()
    if empty := [name for name, column in zip(inputs, x[past].T, strict=True) if np.isnan(column).all()]:
        text = f"the past rows hold no value of {', '.join(empty)}, so there is nothing to learn from"
        raise DataError("ML005", text, "leave it out of the features, or give a source that has values")

    trial = fitted(x[past], y[past]).predict_proba(x[validation])[:, 1]
    threshold = model.choose_threshold(y[validation], trial)
    known = past | validation
    nullable = [column.name for column in contract.measures if not column.required]
    holes = [name in nullable for name in inputs]
    onnx = artifact.export(fitted(x[known], y[known]), x[newest], holes)
    (folder / scorer.MODEL).write_bytes(onnx)

    seen = {name: column[known] for name, column in rows.items()}
    new = {name: column[newest] for name, column in rows.items()}
    forecasts = {"candidate": scorer.probabilities(scorer.start(onnx), x[newest])}
    forecasts |= baselines(seen, y[known], new)
    holdout = {name: new[name] for name in contract.keys} | {"outcome": y[newest]} | forecasts
    engine.write_columns(holdout, folder / HOLDOUT)
    groups = {str(g): newest & (rows[model.GROUP] == g) for g in np.unique(new[model.GROUP])}
    groups["all"] = newest
    before = f"(select * from features where {time} < timestamp '{newest_from}')"
    return {
        "inputs": inputs,
        "nullable": nullable,
        "threshold": threshold,
        "rows": {name: int(part.sum()) for name, part in slices.items()},
        "newest_from": str(newest_from),
        "figures": {
            group: {
                name: model.figures(y[mine], p[mine[newest]], threshold if name == "candidate" else 0.5)
                for name, p in forecasts.items()
            }
            for group, mine in groups.items()
        },
        "suspicious": leak.suspicious(x[known], list(inputs), y[known]),
        "drift_baseline": drift.baseline(engine, contract, before),
    }


def fitted(x: npt.NDArray[np.float32], y: model.Truths) -> Any:
    """What model.py makes of these rows."""
    try:
        return model.fit(x, y)
    except ValueError as error:
        for word, hint in UNFIT.items():
            if word in str(error):
                raise ContractError("ML003", f"model.py: {first_line(error)}", hint) from None
        raise


def baselines(seen: Columns, y: model.Truths, new: Columns) -> dict[str, model.Floats]:
    """What the naive forecasts of model.py say of the new rows."""
    try:
        return {"persistence": model.persistence(new), "climatology": model.climatology(seen, y, new)}
    except KeyError as error:
        text = f"model.py: persistence or climatology reads a column {error} that the features do not have"
        raise ContractError("ML002", text, f"let them read one of {', '.join(new)}") from None


def split(when: Times, y: model.Truths) -> tuple[dict[str, model.Truths], np.datetime64]:
    """Truths (n,) for past, validation and newest rows, by whole days; and the first newest day.

    Rows whose label looks across a border belong to neither side.
    """
    if not len(y):
        raise DataError("ML005", "not one row has a label", "see in labels.sql when the outcome is known")
    start, end = when.min(), when.max()
    first, second = (
        (start + (end - start) * share).astype("datetime64[D]").astype("datetime64[s]")
        for share in (1 - model.NEWEST - model.VALIDATION, 1 - model.NEWEST)
    )
    slices = {
        "past": when < first - model.HORIZON,
        "validation": (when >= first) & (when < second - model.HORIZON),
        "newest": when >= second,
    }
    for name, part in slices.items():
        if (few := min(y[part].sum(), (~y[part]).sum())) < FEWEST:
            text = f"the {name} rows hold {few} of one outcome; {FEWEST} are the fewest to learn from"
            raise DataError("ML005", text, "give a source that covers more time")
    return slices, second


def judge(engine: Engine, contract: Contract, candidate: Version, champion: Version | None) -> list[Check]:
    """The gate's answers about `candidate`; `champion` is the one it would replace."""
    keys = listed(contract.keys)
    engine.read("holdout", candidate.file(HOLDOUT))
    rows = engine.columns(f"from holdout order by {keys}")
    theirs = None
    if champion and scorer.takes(champion, contract):
        features = f"select features.* from features join holdout using ({keys}) order by {keys}"
        theirs = scorer.load(champion).score(engine.columns(features))
    newest = gate.Newest(
        outcome=rows["outcome"].astype(bool),
        candidate=rows["candidate"],
        naive=rows["persistence"],
        champion=theirs,
        day=rows[contract.time_key].astype("datetime64[D]"),
        group=rows[model.GROUP],
    )
    return gate.judge(newest, model.LIMITS, champion is not None)

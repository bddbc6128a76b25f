"""Learn from the past, judge on the newest rows. Yours, beside model.py.

In:       an engine that knows the tables `features` and `labels`; the contract of the features.
Out:      files of a candidate (model.onnx, holdout.parquet) and facts about it; later a verdict.
Failure:  DataError ML005 where there is too little to learn from or to judge on.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import model
from .kit import artifact, drift, gate, leak, scorer
from .kit.contract import Contract
from .kit.engine import DuckDB
from .kit.errors import DataError
from .kit.store import Version

HOLDOUT = "holdout.parquet"
FORECASTS = ("candidate", "persistence", "climatology")  # columns of the holdout, probabilities
FEWEST = 20  # rows of each outcome that every slice must have


def train(engine: DuckDB, contract: Contract, folder: Path) -> dict[str, Any]:
    """Write a candidate to `folder`; returns its facts."""
    keys = ", ".join(contract.keys)
    rows = engine.columns(
        f"select features.*, label from features join labels using ({keys})"
        f" where label is not null order by {contract.time_key}, {keys}"
    )
    inputs = scorer.inputs_of(contract)
    x, y = inputs.matrix(rows), np.asarray(rows["label"], dtype=bool)
    past, validation, newest, cut = split(rows[contract.time_key], y)

    trial = model.fit(x[past], y[past]).predict_proba(x[validation])[:, 1]
    threshold = model.choose_threshold(y[validation], trial)
    before = past | validation
    onnx = artifact.export(model.fit(x[before], y[before]), x[newest])
    (folder / scorer.MODEL).write_bytes(onnx)

    seen = {name: column[before] for name, column in rows.items()}
    new = {name: column[newest] for name, column in rows.items()}
    forecasts = {
        "candidate": scorer.probabilities(scorer.start(onnx), x[newest]),
        "persistence": model.persistence(new),
        "climatology": model.climatology(seen, y[before], new),
    }
    holdout = {name: new[name] for name in contract.keys} | {"outcome": y[newest]} | forecasts
    engine.write_columns(holdout, folder / HOLDOUT)
    known = f"(select * from features where {contract.time_key} < timestamp '{cut}')"
    return {
        "inputs": {name: list(enum) for name, enum in inputs.enums.items()},
        "threshold": threshold,
        "rows": {
            "past": int(past.sum()),
            "validation": int(validation.sum()),
            "newest": len(y[newest]),
        },
        "newest_from": str(cut),
        "figures": _figures(y[newest], forecasts, new[model.GROUP], threshold),
        "suspicious": leak.suspicious(x[before], inputs.names, y[before]),
        "drift_baseline": drift.baseline(engine, contract, known),
    }


def split(when: npt.NDArray[np.datetime64], y: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], ...]:
    """Truths (n,) for past, validation and newest rows, by whole days; and the first newest day.

    Rows whose label looks across a border belong to neither side.
    """
    start, end = when.min(), when.max()
    cuts = [
        (start + (end - start) * share).astype("datetime64[D]").astype("datetime64[s]")
        for share in (1 - model.NEWEST - model.VALIDATION, 1 - model.NEWEST)
    ]
    past = when < cuts[0] - model.HORIZON
    validation = (when >= cuts[0]) & (when < cuts[1] - model.HORIZON)
    newest = when >= cuts[1]
    for name, part in (("past", past), ("validation", validation), ("newest", newest)):
        if (few := min(y[part].sum(), (~y[part]).sum())) < FEWEST:
            raise DataError(
                "ML005",
                f"the {name} rows hold {few} of one outcome; {FEWEST} are the fewest to learn from",
                "give a source that covers more time",
            )
    return past, validation, newest, cuts[1]


def _figures(
    y: npt.NDArray[np.bool_],
    forecasts: dict[str, npt.NDArray[np.float64]],
    groups: npt.NDArray[Any],
    threshold: float,
) -> dict[str, dict[str, dict[str, float]]]:
    """{group or "all": {forecast: {figure: value}}}"""
    parts = {"all": np.ones(len(y), dtype=bool)} | {str(g): groups == g for g in np.unique(groups)}
    return {
        part: {
            name: model.figures(y[mine], p[mine], threshold if name == "candidate" else 0.5)
            for name, p in forecasts.items()
        }
        for part, mine in parts.items()
    }


def judge(
    engine: DuckDB, contract: Contract, candidate: Version, champion: Version | None
) -> list[gate.Check]:
    """The gate's answers about `candidate`; `champion` is the one it would replace."""
    keys = ", ".join(contract.keys)
    order = f"order by {contract.time_key}, {keys}"
    engine.read("holdout", candidate.file(HOLDOUT))
    rows = engine.columns(f"from holdout {order}")
    theirs = None
    if champion and set(champion.facts["inputs"]) <= set(contract.sql_types):
        features = f"select features.* from features join holdout using ({keys}) {order}"
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

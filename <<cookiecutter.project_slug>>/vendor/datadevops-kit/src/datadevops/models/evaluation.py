"""Evaluate a candidate on the newest rows.

In:       an engine with the table `features`; the definition of the model; a candidate, the champion.
Out:      the checks of the gate.
Failure:  those of the stores.
"""

from typing import Any

import numpy as np

from ..contract.kinds import listed
from ..contract.target import Target
from ..contract.values import Contract
from ..engine.columns import Columns
from ..engine.start import Engine
from ..errors import counted
from ..store.versions import Version
from . import doubts, gate, holdout, kinds, matching, scorer, split, unseen
from .definition import Definition
from .gate import Check
from .kinds import Floats


def judge(
    engine: Engine,
    contract: Contract,
    target: Target,
    model: Definition,
    candidate: Version,
    champion: Version | None,
) -> list[Check]:
    """The checks of the gate for `candidate`; `champion` is the version it would replace."""
    rows, outcome, forecasts = holdout.read(engine, candidate, contract.keys)
    mine, covered, decided = forecasts.pop("candidate"), None, None
    if target.kind == "regression":
        covered = kinds.covered(outcome, mine, candidate.facts["output"])
    if target.kind == "binary":
        decided = kinds.decided(mine, candidate.facts["output"])
    newest = gate.Newest(
        kind=target.kind,
        loss=model.loss,
        outcome=outcome,
        candidate=mine,
        baselines=forecasts,
        covered=covered,
        decided=decided,
        block=split.blocks(rows, contract.time_key if contract.timed else None, model.units),
        blocks="days" if contract.timed else "units",
        group=rows[model.group] if model.group else None,
        groups=candidate.facts["groups"],
        **_against(engine, contract, target, rows, candidate, champion),
    )
    verdict = gate.judge(newest, model.limits)
    return verdict + doubts.checks(candidate.facts, model.acknowledged)


def _against(
    engine: Engine,
    contract: Contract,
    target: Target,
    rows: Columns,
    candidate: Version,
    champion: Version | None,
) -> dict[str, Any]:
    """What the gate has to know of the champion, on the rows to evaluate on."""
    nothing = {"champion": None, "misfit": ""}
    if champion is None:
        return nothing
    if other := unseen.other_split(champion.facts, candidate.facts):
        return nothing | {"other_split": other}
    theirs, misfit = _of_champion(engine, contract, target, champion)
    first = unseen.newer_than(champion.facts, candidate.facts)
    new = np.asarray(rows[contract.time_key]) >= np.datetime64(first) if first else None
    return {"champion": theirs, "misfit": misfit, "unseen": new}


def _of_champion(
    engine: Engine, contract: Contract, target: Target, champion: Version
) -> tuple[Floats | None, str]:
    """What the champion forecasts for the rows to evaluate on, by key; or None, and why it cannot. A column
    that may be null now will do while it has values where the champion needs them."""
    if odd := matching.changed(champion, contract, target):
        return None, ", ".join(odd)
    keys = listed(contract.keys)
    rows = engine.columns(f"select features.* from features join holdout using ({keys}) order by {keys}")
    found = [
        f"{name} may be null now and is in {counted(nulls, 'row')}"
        for name in matching.untried_nulls(champion, contract)
        if (nulls := int(np.ma.getmaskarray(rows[name]).sum()))
    ]
    if found:
        return None, f"{', '.join(found)}; the champion does not take nulls"
    return scorer.load(champion).score(rows), ""

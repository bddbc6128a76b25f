"""Evaluate a candidate on the newest rows.

In:       an engine with the table `features`; the definition of the model; a candidate, the champion.
Out:      the checks of the gate.
Failure:  those of the stores.
"""

from ..contract.kinds import listed
from ..contract.target import Target
from ..contract.values import Contract
from ..engine.start import Engine
from ..store.versions import Version
from . import doubts, gate, holdout, kinds, scorer, split
from .definition import Definition
from .gate import Check


def judge(
    engine: Engine,
    contract: Contract,
    target: Target,
    model: Definition,
    candidate: Version,
    champion: Version | None,
) -> list[Check]:
    """The checks of the gate for `candidate`; `champion` is the version it would replace."""
    keys = listed(contract.keys)
    rows, outcome, forecasts = holdout.read(engine, candidate, contract.keys)
    mine, theirs, covered, decided = forecasts.pop("candidate"), None, None, None
    if champion and scorer.fits(champion, contract, target):
        features = f"select features.* from features join holdout using ({keys}) order by {keys}"
        theirs = scorer.load(champion).score(engine.columns(features))
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
        champion=theirs,
        covered=covered,
        decided=decided,
        block=split.blocks(rows, contract.time_key if contract.timed else None, model.units),
        blocks="days" if contract.timed else "units",
        group=rows[model.group] if model.group else None,
        groups=candidate.facts["groups"],
    )
    verdict = gate.judge(newest, model.limits, champion is not None)
    return verdict + doubts.checks(candidate.facts, model.acknowledged)
